/** Checks 16 to 19 and 21 of protocol 9.2: what other services, polls and witnesses say. */
import { cosignedAt } from "../crypto/cosignature.ts";
import { type Bytes, hex } from "../crypto/bytes.ts";
import { claimedCheckpoint } from "../crypto/note.ts";
import { verifyProof } from "../crypto/tlogProof.ts";
import { gcd, soundModulus, UnsoundKey } from "../crypto/tokenKey.ts";
import { pollLeaf } from "../protocol/catalogue.ts";
import { readIssuanceClosing } from "../protocol/closing.ts";
import { parseManifest, type Poll } from "../protocol/manifest.ts";
import { type Audit, opened, refuses } from "./audit.ts";
import { type Check, checkRoot, given, judged, whole } from "./checks.ts";
import { Failed, type Faults, none, Skipped, withFault } from "./findings.ts";
import type { LogHead } from "./record.ts";
import type { Scan } from "./scan.ts";
import type { Sentence } from "./sentences.ts";
import { NotThere } from "./source.ts";

/** 16. Each issuance log is whole and closed; no more ballots bear an issuer's token than it issued. */
export const issuance: Check = async (audit) => {
  const poll = await audit.keyed();
  const issued: number[] = [];
  let faults: Faults | undefined;
  let skipped: Skipped | undefined;
  for (const [issuer, log] of audit.record.issuanceLogs.entries()) {
    try {
      issued.push(await issuedBy(audit, poll, issuer, log));
    } catch (error) {
      if (error instanceof Skipped) skipped = error;
      else if (error instanceof Failed) faults = withFault(faults, error.detail, ...error.faults.listed);
      else throw error;
    }
  }
  none(faults);
  if (skipped !== undefined) throw skipped;
  return ["issuance", issued.join(", ")];
};

async function issuedBy(audit: Audit, poll: Poll, issuer: number, log: LogHead): Promise<number> {
  if (log.note instanceof NotThere && !audit.past(poll.closesAt)) throw new Skipped(["issuancePending"]);
  const head = await opened(given(log.note, ["issuanceLog", issuer]), poll.issuers[issuer]!.logKey);
  if (head instanceof Error) throw new Failed(["issuanceLog", issuer]);
  const scan = await whole(() => audit.issuance(issuer));
  checkRoot(scan, head);
  none(scan.wrongTiles);
  const named = await closedIssuance(audit, poll, issuer, scan);
  const before = scan.size - 1;
  const wrong = scan.faults.get("issuance");
  if (named !== before || (wrong?.number ?? 0) > 0) throw new Failed(["issuanceNumber", issuer, named, before], wrong);
  const used = (await audit.leaves()).used.get(issuer) ?? 0;
  if (used > named) throw new Failed(["issuanceExceeded", issuer, used, named]);
  return named;
}

async function closedIssuance(audit: Audit, poll: Poll, issuer: number, { closing, size }: Scan): Promise<number> {
  if (closing === null && !audit.past(poll.includeBy)) throw new Skipped(["issuanceOpen"]);
  if (closing === null) throw new Failed(["issuanceUnclosed", issuer]);
  const named = await judged(async () => readIssuanceClosing(poll, closing.leaf), () => ["issuanceUnclosed", issuer]);
  if (closing.at !== size - 1) throw new Failed(["issuanceAfter", issuer]);
  return named;
}

/** 17. No key of this poll stands in another, and no two token keys share a factor. */
export const otherPolls: Check = async (audit) => {
  const poll = await audit.poll();
  const own = moduliOf(poll);
  const faults: Sentence[] = [];
  const others: bigint[] = [];
  for (const [at, bytes] of audit.brought.manifests.entries()) {
    const other = await parsed(bytes);
    if (other?.id === poll.id) continue;
    if (other === null) faults.push(["otherUnreadable", at]);
    else if (keysOf(other).some((key) => keysOf(poll).includes(key))) faults.push(["keysShared", at]);
    else others.push(...moduliOf(other));
  }
  if (faults.length === 0 && own.length + others.length < 2) throw new Skipped(["noOthers"], { leavesOpen: false });
  for (const [issuer, n] of own.entries()) {
    if ([...own.filter((_, at) => at !== issuer), ...others].some((m) => gcd(n, m) !== 1n)) faults.push(["factorShared", issuer]);
  }
  none(withFault(undefined, ...faults));
  return ["otherPolls", own.length, others.length];
};

async function parsed(manifest: Bytes): Promise<Poll | null> {
  try {
    return await parseManifest(manifest);
  } catch (error) {
    if (refuses(error)) return null;
    throw error;
  }
}

function keysOf(poll: Poll): readonly string[] {
  const sealing = poll.sealing === null ? [] : [poll.sealing.publicKey];
  return [...poll.issuers.flatMap((issuer) => [issuer.tokenKey, issuer.logKey.key]), poll.box.logKey.key, ...sealing].map(hex);
}

/** What is no sound key is left to check 4. */
function moduliOf(poll: Poll): readonly bigint[] {
  return poll.issuers.flatMap((issuer) => {
    try {
      return [soundModulus(issuer.tokenKey)];
    } catch (error) {
      if (error instanceof UnsoundKey) return [];
      throw error;
    }
  });
}

/** 18. Enough witnesses cosigned every log's checkpoint, in time once the poll is closed. */
export const witnesses: Check = async (audit) => {
  const { witnesses: known, quorum } = audit.brought;
  if (known.length === 0) throw new Skipped(["noWitnesses"], { leavesOpen: false });
  await audit.head();
  const { closing } = await audit.leaves();
  const { includeBy } = await audit.poll();
  const timely = (time: number | null) => time !== null && (closing === null || time * 1000 <= includeBy.getTime());
  const counts: number[] = [];
  for (const note of [given(audit.record.pollLog.note, ["checkpointSkipped"]), ...issuanceNotes(audit)]) {
    const times = await judged(() => cosignedAt(note, known), () => ["witnessForged"]);
    counts.push(times.filter(timely).length);
  }
  const fewest = Math.min(...counts);
  if (fewest >= quorum) return ["witnesses", fewest, known.length];
  if (closing === null || !audit.past(includeBy)) throw new Skipped(["witnessesDue", fewest, quorum]);
  throw new Failed(["witnessesTooFew", fewest, quorum]);
};

/** The checkpoints of the issuance logs that read; check 16 says which do not. */
function issuanceNotes(audit: Audit): readonly Bytes[] {
  return audit.record.issuanceLogs.flatMap(({ note }) => {
    if (note instanceof Error) return [];
    try {
      claimedCheckpoint(note);
      return [note];
    } catch (error) {
      if (refuses(error)) return [];
      throw error;
    }
  });
}

/** 19. Manifest and signatures stand in the catalogue of the trust root's box. */
export const catalogue: Check = async ({ brought, record }) => {
  const root = brought.trust;
  if (root === null) throw new Skipped(["noTrust"]);
  const proof = given(record.catalogueProof, ["catalogueMissing"]);
  const leaf = await pollLeaf(given(record.manifest, ["noManifest"]), given(record.signatures, ["signaturesWrong"]));
  const { index, head } = await judged(() => verifyProof(proof, root.box.catalogueKey, leaf), (error) => ["catalogueWrong", error.message]);
  return ["catalogue", index, head.size];
};

/** 21. What the client's origin serves is a release in the catalogue: not for a client to say of itself. */
export const client: Check = async () => {
  throw new Skipped(["ownFiles"], { leavesOpen: false });
};
