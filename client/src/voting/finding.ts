/** Looking for a ballot in its log, and holding the log against what this device saw of it before. */
import { findBallot, type Found, readHead } from "../api/board.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { forkEvidence, type History, historyOf } from "../protocol/history.ts";
import type { Poll } from "../protocol/manifest.ts";
import { keepHead, seenHead } from "./vault.ts";

export interface Sought extends Found {
  readonly history: History;
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
  const [found, seen] = await Promise.all([findBallot(poll, leaf), seenHead(log).catch(() => undefined)]);
  const { head, note, hashes } = found;
  const history = await historyOf(head, hashes, seen);
  if (history === "forked" && seen?.note !== undefined) {
    return { ...found, history, evidence: await forkEvidence(poll.box.logKey, seen.note, seen.size, note, hashes) };
  }
  if (history === "first" || history === "continues") await keepHead(log, { size: head.size, root: head.root, note }).catch(() => undefined);
  return { ...found, history, evidence: null };
}
