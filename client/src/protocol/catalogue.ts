/** The catalogue of all that the ballot box published (protocol 3.9). */
import { type Bytes, concat, equal, utf8 } from "../crypto/bytes.ts";
import { leafHash, rootOf } from "../crypto/merkle.ts";
import type { Checkpoint } from "../crypto/note.ts";
import { findLeaf } from "./log.ts";

export class NotInCatalogue extends Error {}

/** What this device last saw of a log. */
export interface SeenHead {
  readonly size: number;
  readonly root: Bytes;
  /** The checkpoint as it was served, of a poll's log. */
  readonly note?: Bytes;
}

/** The leaf hash of a poll's entry: the bytes of signatures.json and manifest.json as served. */
export function pollLeaf(manifest: Bytes, signatures: Bytes): Promise<Bytes> {
  return leafHash(concat(utf8("veche/catalogue-poll/v1\n"), signatures, utf8("\n"), manifest));
}

/**
 * Check that a leaf is in the catalogue, and that the catalogue only grew since it was last seen. `hashes`: all leaf
 * hashes, which give the head's root. Throws NotInCatalogue.
 */
export async function checkCatalogue(head: Checkpoint, hashes: readonly Bytes[], leaf: Bytes, seen: SeenHead | undefined): Promise<void> {
  if (seen !== undefined) {
    if (seen.size > head.size) throw new NotInCatalogue("the catalogue is older than the one seen before");
    if (!equal(await rootOf(hashes.slice(0, seen.size)), seen.root)) throw new NotInCatalogue("another history than was seen before");
  }
  if ((await findLeaf(head, hashes, leaf)) === null) throw new NotInCatalogue("the poll is not in the catalogue");
}
