/** What the checks share: the record, what the auditor brings along, and what one pass over each log saw. */
import { type Bytes, EncodingRefused, equal, hex } from "../crypto/bytes.ts";
import { importPublicKey, NotOpened } from "../crypto/hpke.ts";
import { InvalidProof } from "../crypto/merkle.ts";
import { type Checkpoint, claimedCheckpoint, openCheckpoint } from "../crypto/note.ts";
import { MalformedNote, type VerifierKey } from "../crypto/verifierKey.ts";
import { InvalidSignature } from "../crypto/ed25519.ts";
import { soundModulus, UnsoundKey } from "../crypto/tokenKey.ts";
import { Malformed } from "../protocol/json.ts";
import { CANCELLATION } from "../protocol/labels.ts";
import { logKeysFit, parseManifest, type Poll } from "../protocol/manifest.ts";
import type { Receipt } from "../protocol/receipt.ts";
import { readOpening } from "../protocol/sealing.ts";
import { NotTrusted, type TrustRoot } from "../protocol/trust.ts";
import { ballotExaminer, examineIssuances } from "./bundle.ts";
import { Tally } from "./count.ts";
import { Skipped } from "./findings.ts";
import type { LogHead, Record } from "./record.ts";
import { type Progress, type Scan, ScanEnded, scanLog } from "./scan.ts";
import type { Fetch, File } from "./source.ts";
import type { Wanted } from "./tree.ts";

/** What the auditor brings along: a pinned trust root or none, and what was kept of this poll and others. */
export interface Brought {
  readonly trust: TrustRoot | null;
  /** Notes of this poll's log seen earlier. */
  readonly checkpoints: readonly Bytes[];
  readonly receipts: readonly Receipt[];
  /** Manifests of other polls. */
  readonly manifests: readonly Bytes[];
  readonly witnesses: readonly VerifierKey[];
  /** How many witnesses must have cosigned. */
  readonly quorum: number;
}

/** A checkpoint of the log of an issuer, or (null) of the poll log. */
export interface Seen {
  readonly issuer: number | null;
  readonly head: Checkpoint;
}

/** One audit. Everything is worked out once, when the first check asks for it. */
export class Audit {
  readonly record: Record;
  readonly brought: Brought;
  readonly now: Date;
  readonly #fetch: Fetch;
  readonly #progress: Progress;
  readonly #issuance = new Map<number, Promise<Scan>>();
  #tally: Tally | null = null;

  constructor(record: Record, fetch: Fetch, brought: Brought, now: Date, progress: Progress) {
    this.record = record;
    this.brought = brought;
    this.now = now;
    this.#fetch = fetch;
    this.#progress = progress;
  }

  /** Throws Skipped where there is no valid manifest: check 1 has said so. */
  readonly poll = once(async (): Promise<Poll> => {
    try {
      if (!(this.record.manifest instanceof Error)) return await parseManifest(this.record.manifest);
    } catch (error) {
      if (!refuses(error)) throw error;
    }
    throw new Skipped(["manifestInvalid"]);
  });

  /** The moduli of the poll's token keys, all sound and different. Throws UnsoundKey, NotOpened. */
  readonly soundKeys = once(async (): Promise<readonly bigint[]> => {
    const poll = await this.poll();
    const moduli = poll.issuers.map((issuer) => soundModulus(issuer.tokenKey));
    if (new Set(moduli).size !== moduli.length) throw new UnsoundKey("two issuers share a modulus");
    if (!logKeysFit(poll)) throw new UnsoundKey("a log key of another origin");
    if (poll.sealing !== null) await importPublicKey(poll.sealing.publicKey);
    return moduli;
  });

  /** Throws Skipped where keys are unsound: check 4 has said so. */
  readonly keyed = once(async (): Promise<Poll> => {
    try {
      await this.soundKeys();
    } catch (error) {
      throw refuses(error) ? new Skipped(["keysSkipped"]) : error;
    }
    return this.poll();
  });

  /** The poll log's head. Throws Skipped where it is unsigned: check 5 has said so. */
  readonly head = once(async (): Promise<Checkpoint> => {
    const { box } = await this.keyed();
    const head = await opened(this.record.pollLog.note, box.logKey);
    if (head instanceof Error) throw new Skipped(["checkpointSkipped"]);
    return head;
  });

  /** The checkpoints seen earlier, each with its log, or what is wrong with it. */
  readonly seen = once(async (): Promise<readonly (Seen | Error)[]> => {
    const poll = await this.keyed();
    return Promise.all(this.brought.checkpoints.map((note) => openedBy(poll, note)));
  });

  /** The key that opens a sealed poll; null while there is none that fits: check 20 says what is wrong. */
  readonly openingKey = once(async (): Promise<CryptoKey | null> => {
    const poll = await this.poll();
    const { opening } = this.record;
    if (poll.sealing === null || opening instanceof Error) return null;
    try {
      return await readOpening(poll, poll.sealing, opening);
    } catch (error) {
      if (refuses(error)) return null;
      throw error;
    }
  });

  /** The pass over the poll log. Throws ScanEnded; Skipped where there are no sound keys. */
  readonly pollScan = once(async (): Promise<Scan> => {
    const poll = await this.keyed();
    const wanted = { leaves: new Set(this.brought.receipts.map((receipt) => hex(receipt.leaf))), sizes: await this.#sizesSeen(null) };
    const key = await this.openingKey();
    if (poll.sealing === null || key !== null) this.#tally = new Tally(poll, key);
    return this.#scan(this.record.pollLog, wanted, await ballotExaminer(poll), this.#tally);
  });

  /** The whole poll log. Throws Skipped where it is not to be had: check 6 has said so. */
  readonly leaves = once(() => orSkipped(this.pollScan()));

  /** An issuer's whole log. Throws Skipped where it is not to be had: check 16 says so. */
  leavesOf(issuer: number): Promise<Scan> {
    return orSkipped(this.issuance(issuer));
  }

  /** The recount, of the log as it was read. Throws Skipped where it is not whole, or sealed and not opened. */
  readonly recount = once(async () => {
    const { size, root } = await this.leaves();
    if (this.#tally === null) throw new Skipped(["notOpened"]);
    return this.#tally.result({ origin: "", size, root });
  });

  /** The pass over an issuer's log. Throws ScanEnded. */
  issuance(issuer: number): Promise<Scan> {
    const scanning = this.#issuance.get(issuer) ?? this.#scanIssuance(issuer);
    this.#issuance.set(issuer, scanning);
    return scanning;
  }

  async #scanIssuance(issuer: number): Promise<Scan> {
    const wanted = { leaves: new Set<string>(), sizes: await this.#sizesSeen(issuer) };
    return this.#scan(this.record.issuanceLogs[issuer]!, wanted, examineIssuances, null);
  }

  async #sizesSeen(issuer: number | null): Promise<ReadonlySet<number>> {
    return new Set((await this.seen()).flatMap((seen) => (seen instanceof Error || seen.issuer !== issuer ? [] : [seen.head.size])));
  }

  /** Whether the poll log ends with a cancellation; check 9 judges it. */
  async cancelled(): Promise<boolean> {
    const { closing } = await this.leaves();
    return closing !== null && equal(closing.leaf.subarray(0, CANCELLATION.length), CANCELLATION);
  }

  /** Whether this moment is past. */
  past(moment: Date): boolean {
    return this.now >= moment;
  }

  #scan(log: LogHead, wanted: Wanted, examine: Parameters<typeof scanLog>[1], tally: Tally | null): Promise<Scan> {
    return scanLog({ fetch: this.#fetch, url: log.url, size: claimedSize(log.note) }, examine, wanted, tally, this.#progress);
  }
}

const REFUSALS = [EncodingRefused, InvalidProof, InvalidSignature, Malformed, MalformedNote, NotOpened, NotTrusted, UnsoundKey] as const;

/** Whether an error says that what was given is wrong, and not that this program or browser is. */
export function refuses(error: unknown): error is Error {
  return REFUSALS.some((kind) => error instanceof kind);
}

/** The checkpoint that a note is, or why it is none. */
export async function opened(note: File, key: VerifierKey): Promise<Checkpoint | Error> {
  if (note instanceof Error) return note;
  try {
    return await openCheckpoint(note, key);
  } catch (error) {
    if (refuses(error)) return error;
    throw error;
  }
}

/** The log of a poll that signed a note, and what it says. */
async function openedBy(poll: Poll, note: Bytes): Promise<Seen | Error> {
  for (const [issuer, { logKey }] of poll.issuers.entries()) {
    const head = await opened(note, logKey);
    if (!(head instanceof Error)) return { issuer, head };
  }
  const head = await opened(note, poll.box.logKey);
  return head instanceof Error ? head : { issuer: null, head };
}

async function orSkipped(scanning: Promise<Scan>): Promise<Scan> {
  try {
    return await scanning;
  } catch (error) {
    throw error instanceof ScanEnded ? new Skipped(["logNotWhole", error.message]) : error;
  }
}

/** The size that a note names, whoever signed it. Throws ScanEnded. */
function claimedSize(note: File): number {
  if (note instanceof Error) throw new ScanEnded(note);
  try {
    return claimedCheckpoint(note).size;
  } catch (error) {
    throw new ScanEnded(error as Error);
  }
}

/** Work something out when it is first asked for, and no more. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let working: Promise<T> | undefined;
  return () => (working ??= work());
}
