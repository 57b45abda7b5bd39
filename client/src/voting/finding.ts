/** Looking for a ballot in its log, and holding the log against what this device saw of it before. */
import { findBallot, type Found, readHead } from "../api/board.ts";
import { readPolicy } from "../api/policy.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { cosignedAt } from "../crypto/cosignature.ts";
import { forkEvidence, type History, historyOf } from "../protocol/history.ts";
import type { Poll } from "../protocol/manifest.ts";
import type { WitnessPolicy } from "../protocol/witnessPolicy.ts";
import { keepHead, seenHead } from "./vault.ts";

export interface Sought extends Found {
  readonly history: History;
  /** How many of the client's witnesses cosigned the head; null when it names none. */
  readonly witnesses: { readonly cosigned: number; readonly all: number; readonly quorum: number } | null;
  /** Of a fork: the file that shows it to anybody. */
  readonly evidence: Bytes | null;
}

/** Remember the log as it is when a ballot is sent, unless it is known already: what is seen later must continue it. */
export async function rememberLog(poll: Poll): Promise<void> {
  const log = poll.box.logUrl;
  if ((await seenHead(log)) !== undefined) return;
  const { head, note } = await readHead(poll);
  await keepHead(log, { size: head.size, root: head.root, note });
}

/** Find a leaf; the head that was seen is remembered, unless it contradicts the one before. */
export async function seek(poll: Poll, leaf: Bytes): Promise<Sought> {
  const log = poll.box.logUrl;
  const [looked, seen, policy] = await Promise.all([findBallot(poll, leaf), seenHead(log).catch(() => undefined), readPolicy()]);
  const { head, note, hashes } = looked;
  const found = { ...looked, witnesses: await witnessesOf(policy, note) };
  const history = await historyOf(head, hashes, seen);
  if (history === "forked" && seen?.note !== undefined) {
    return { ...found, history, evidence: await forkEvidence(poll.box.logKey, seen.note, seen.size, note, hashes) };
  }
  if (history === "first" || history === "continues") await keepHead(log, { size: head.size, root: head.root, note }).catch(() => undefined);
  return { ...found, history, evidence: null };
}

/** A note with a wrong line of a witness counts as cosigned by none. */
async function witnessesOf({ witnesses, quorum }: WitnessPolicy, note: Bytes): Promise<Sought["witnesses"]> {
  if (witnesses.length === 0) return null;
  const times = await cosignedAt(note, witnesses).catch(() => []);
  return { cosigned: times.filter((time) => time !== null).length, all: witnesses.length, quorum };
}
