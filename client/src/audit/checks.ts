/** The numbered checks of protocol 9.2 but those of other services' logs. Each says what it saw, or throws Failed or Skipped. */
import { type Bytes, EncodingRefused, equal, fromB64u, fromUtf8, hex } from "../crypto/bytes.ts";
import { InvalidSignature } from "../crypto/ed25519.ts";
import { claimedCheckpoint } from "../crypto/note.ts";
import { bitLength } from "../crypto/tokenKey.ts";
import { readClosing } from "../protocol/closing.ts";
import { parseCanonical } from "../protocol/json.ts";
import { CANCELLATION } from "../protocol/labels.ts";
import { parseManifest, type Poll } from "../protocol/manifest.ts";
import type { Receipt } from "../protocol/receipt.ts";
import { openResult, openStatement, verifyReceipt } from "../protocol/statements.ts";
import { checkServices, verifySignatures } from "../protocol/trust.ts";
import { type Audit, opened, refuses, type Seen } from "./audit.ts";
import { resultStatement } from "./count.ts";
import { type CheckId, Failed, none, Skipped, withFault } from "./findings.ts";
import { type Scan, ScanEnded } from "./scan.ts";
import type { Sentence } from "./sentences.ts";
import { type File, OutOfReach } from "./source.ts";

export type Check = (audit: Audit) => Promise<Sentence>;

/** 1. Hash equals the poll id; structure of section 3. */
export const manifest: Check = async ({ record }) => {
  const bytes = given(record.manifest, ["noManifest"]);
  const poll = await judged(() => parseManifest(bytes), (error) => ["manifestUnreadable", error.message]);
  if (poll.id !== record.pollId) throw new Failed(["manifestOtherId"]);
  return ["manifestRead", poll.questions.length, poll.issuers.length];
};

/** 2. Every issuer and the box are those of the trust root. */
export const trust: Check = async (audit) => {
  const root = audit.brought.trust;
  if (root === null) throw new Skipped(["noTrust"]);
  const poll = await audit.poll();
  await judged(async () => checkServices(root, poll), (error) => ["notTrusted", error.message]);
  return ["trusted", root.fingerprint];
};

/** 3. Every issuer signed the manifest. */
export const manifestSignatures: Check = async (audit) => {
  const bytes = given(audit.record.signatures, ["signaturesWrong"]);
  const poll = await audit.poll();
  await judged(async () => verifySignatures(poll, parseCanonical(bytes)), () => ["signaturesWrong"]);
  return ["signatures", poll.issuers.length];
};

/** 4. Suite, 2k > n + f (both part of the structure), sound and different token keys. */
export const parameters: Check = async (audit) => {
  const poll = await audit.poll();
  const moduli = await judged(() => audit.soundKeys(), (error) => ["keysUnsound", error.message]);
  return ["parameters", moduli.map(bitLength).join(", "), poll.threshold, poll.issuers.length];
};

/** 5. The poll log's checkpoint is signed by the manifest's log key. */
export const checkpoint: Check = async (audit) => {
  const { box } = await audit.keyed();
  const head = await opened(given(audit.record.pollLog.note, ["checkpointWrong", ""]), box.logKey);
  if (head instanceof Error) throw new Failed(["checkpointWrong", head.message]);
  return ["checkpoint", head.size, hex(head.root)];
};

/** 6. Entries, tiles and root recomputed, equal. */
export const tree: Check = async (audit) => {
  await audit.keyed();
  const scan = await whole(() => audit.pollScan());
  checkRoot(scan, claimedCheckpoint(given(audit.record.pollLog.note, ["checkpointWrong", ""])));
  none(scan.wrongTiles);
  return ["tree", scan.size, scan.tiles];
};

/** 7. Every checkpoint seen earlier is a prefix of its log: of the poll log or an issuance log. */
export const consistency: Check = async (audit) => {
  if (audit.brought.checkpoints.length === 0) throw new Skipped(["noCheckpoints"], { leavesOpen: false });
  const faults: Sentence[] = [];
  let untold: Skipped | undefined;
  const seen = await audit.seen();
  for (const [at, one] of seen.entries()) {
    try {
      faults.push(...(await prefixFault(audit, at, one)));
    } catch (error) {
      if (!(error instanceof Skipped)) throw error;
      untold = error;
    }
  }
  none(withFault(undefined, ...faults));
  if (untold !== undefined) throw untold;
  return ["consistent", seen.length];
};

/** Throws Skipped where the log is not whole: checks 6 and 16 have said so. */
async function prefixFault(audit: Audit, at: number, seen: Seen | Error): Promise<readonly Sentence[]> {
  if (seen instanceof Error) return [["checkpointForeign", at]];
  const { issuer, head } = seen;
  const { size, roots } = issuer === null ? await audit.leaves() : await audit.leavesOf(issuer);
  if (head.size > size) return [["checkpointLonger", at, head.size, size]];
  return equal(roots.get(head.size)!, head.root) ? [] : [["checkpointForked", at, head.size]];
}

/** 8. Leaf 0 is the manifest. */
export const firstLeaf: Check = async (audit) => {
  const { size, faults } = await audit.leaves();
  if (size === 0 || faults.has("first-leaf")) throw new Failed(["firstLeafWrong"]);
  return ["firstLeaf"];
};

/** 9. Exactly one closing record, last; it names the number of ballots. */
export const closing: Check = async (audit) => {
  const { closing: found, size } = await audit.leaves();
  const poll = await audit.poll();
  if (found === null) {
    if (!audit.past(poll.includeBy)) throw new Skipped(["stillOpen"]);
    throw new Failed(["neverClosed"]);
  }
  if (found.at !== size - 1) throw new Failed(["afterClosing", size - 1 - found.at]);
  const ballots = found.at - 1;
  const unreadable = (): Sentence => ["closingUnreadable", found.at];
  if (await audit.cancelled()) {
    await judged(() => openStatement(poll, "cancellation", found.leaf.slice(CANCELLATION.length)), unreadable);
    return ["cancelled", ballots];
  }
  const named = await judged(async () => readClosing(poll, found.leaf), unreadable);
  if (named !== ballots) throw new Failed(["closingNumber", named, ballots]);
  return ["closed", ballots];
};

/** 10 to 12: every leaf between is a ballot of this poll; its tokens verify; its signature verifies. */
export function eachBallot(id: CheckId): Check {
  return async (audit) => {
    const { faults, ballots } = await audit.leaves();
    none(faults.get(id));
    return ["ballots", ballots];
  };
}

/** 13. No (ballot key, revision) twice. */
export const unique: Check = async (audit) => {
  const { repeated, ballots, replaced } = await audit.leaves();
  none(repeated);
  return ["unique", ballots, replaced];
};

/** 14. Every receipt given verifies and its leaf is in the log. */
export const receipts: Check = async (audit) => {
  const { receipts: kept } = audit.brought;
  if (kept.length === 0) throw new Skipped(["noReceipts"], { leavesOpen: false });
  const { found, closing: closed } = await audit.leaves();
  const poll = await audit.poll();
  const due = closed === null && !audit.past(poll.includeBy);
  const missing = kept.map((receipt) => !found.has(hex(receipt.leaf)));
  const faults = await Promise.all(kept.map((receipt, at) => receiptFault(poll, receipt, at, missing[at]! && !due)));
  none(withFault(undefined, ...faults.flat()));
  const waiting = missing.filter(Boolean).length;
  if (waiting > 0) throw new Skipped(["receiptsDue", waiting]);
  return ["receipts", kept.length];
};

async function receiptFault(poll: Poll, receipt: Receipt, at: number, missing: boolean): Promise<readonly Sentence[]> {
  if (receipt.pollId !== poll.id) return [["receiptForeign", at]];
  const signed = await verifyReceipt(poll, receipt.leaf, receipt.signature).then(() => true, () => false);
  if (!signed) return [["receiptForged", at]];
  return missing ? [["receiptMissing", at]] : [];
}

/** 15. The signed result names this checkpoint and equals the recount. */
export const result: Check = async (audit) => {
  const { closing: closed } = await audit.leaves();
  if (closed === null) throw new Skipped(["stillOpen"]);
  const poll = await audit.poll();
  const { result: file, resultSignature } = audit.record;
  reached(file, resultSignature);
  if (await audit.cancelled()) {
    if (!(file instanceof Error)) throw new Failed(["resultOfCancelled"]);
    throw new Skipped(["pollCancelled"], { leavesOpen: false });
  }
  const head = await audit.head();
  const sealed = poll.sealing !== null;
  const pending = file instanceof Error && (sealed || !audit.past(poll.includeBy));
  if (pending) throw new Skipped(["resultPending"]);
  const statement = given(file, ["noResult"]);
  if (sealed) reached(audit.record.opening);
  if (sealed && audit.record.opening instanceof Error) throw new Failed(["resultUnopened"]);
  const signature = given(resultSignature, ["resultForged"]);
  await judged(() => openResult(poll, statement, fromB64u(fromUtf8(signature), 64)), (error) => [forged(error) ? "resultForged" : "resultWrong"]);
  const recount = await audit.recount();
  const due = resultStatement(poll, { ...recount, checkpoint: { size: head.size, root: hex(head.root) } });
  if (!equal(statement, due)) throw new Failed(["resultWrong"]);
  return ["result", recount.valid, recount.invalid];
};

/** 20. A sealed poll is opened after its closing, by the key that its manifest names; no other poll is. */
export const opening: Check = async (audit) => {
  const poll = await audit.poll();
  const { opening: file } = audit.record;
  const absent = file instanceof Error;
  if (poll.sealing === null) {
    if (!absent) throw new Failed(["openedUnsealed"]);
    return ["notSealed"];
  }
  reached(file);
  const { closing: closed } = await audit.leaves();
  if (closed === null) {
    if (!absent) throw new Failed(["openedEarly"]);
    throw new Skipped(["stillOpen"]);
  }
  if (await audit.cancelled()) {
    if (!absent) throw new Failed(["openedCancelled"]);
    return ["pollCancelled"];
  }
  if (absent) throw new Skipped(["notOpened"]);
  if ((await audit.openingKey()) === null) throw new Failed(["openedOtherwise"]);
  return poll.sealing.trustees.length === 0 ? ["openedByBox"] : ["openedByTrustees", poll.sealing.threshold, poll.sealing.trustees.length];
};

function forged(error: Error): boolean {
  return error instanceof InvalidSignature || error instanceof EncodingRefused;
}

/** A file that should be there. Throws Skipped when it cannot be reached, Failed when there is none. */
export function given(file: File, absent: Sentence): Bytes {
  reached(file);
  if (file instanceof Error) throw new Failed(absent);
  return file;
}

/** Throws Skipped where it is not known whether there is such a file: that proves nothing. */
function reached(...files: readonly File[]): void {
  for (const file of files) if (file instanceof OutOfReach) throw new Skipped(["outOfReach", file.message]);
}

/** What a step gives; Failed when it refuses what it was given. */
export async function judged<T>(step: () => Promise<T>, said: (error: Error) => Sentence): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (refuses(error)) throw new Failed(said(error));
    throw error;
  }
}

/** A pass over a whole log. Throws Failed where the log lacks something, Skipped where it is out of reach. */
export async function whole(scanning: () => Promise<Scan>): Promise<Scan> {
  try {
    return await scanning();
  } catch (error) {
    if (!(error instanceof ScanEnded)) throw error;
    throw error.missing ? new Failed(["logNotWhole", error.message]) : new Skipped(["outOfReach", error.message]);
  }
}

/** The entries give the signed root. */
export function checkRoot(scan: Scan, head: { readonly size: number; readonly root: Bytes }): void {
  if (scan.size !== head.size || !equal(scan.root, head.root)) throw new Failed(["otherRoot"]);
}
