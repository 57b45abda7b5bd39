/** Reading a C2SP tlog-tiles log: paths, level-0 tiles, and where a leaf is. */
import { type Bytes, equal } from "../crypto/bytes.ts";
import { proveInclusion, rootOf, verifyInclusion } from "../crypto/merkle.ts";
import type { Checkpoint } from "../crypto/note.ts";
import { Malformed } from "./json.ts";

/** Hashes in a full tile, entries in a full bundle. */
export const WIDTH = 256;
const HASH = 32;

/** The path of a tile of `width` hashes, or of a bundle of as many entries. */
export function tilePath(level: number | "entries", index: number, width: number): string {
  const groups = [String(index % 1000).padStart(3, "0")];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
  }
  return `tile/${level}/${groups.join("/")}${width === WIDTH ? "" : `.p/${width}`}`;
}

/** All leaf hashes of a log, read as level-0 tiles and checked against the checkpoint's root. Throws Malformed. */
export async function readLeafHashes(head: Checkpoint, read: (path: string) => Promise<Bytes>): Promise<readonly Bytes[]> {
  const hashes: Bytes[] = [];
  for (let first = 0; first < head.size; first += WIDTH) {
    const width = Math.min(WIDTH, head.size - first);
    const tile = await read(tilePath(0, first / WIDTH, width));
    if (tile.length !== width * HASH) throw new Malformed("a tile of another width");
    for (let at = 0; at < tile.length; at += HASH) hashes.push(tile.slice(at, at + HASH));
  }
  if (!equal(await rootOf(hashes), head.root)) throw new Malformed("the tiles do not give the checkpoint's root");
  return hashes;
}

/** The index of a leaf, its inclusion proven, or null when it is not there (yet). Throws InvalidProof. */
export async function findLeaf(head: Checkpoint, hashes: readonly Bytes[], leaf: Bytes): Promise<number | null> {
  const index = hashes.findIndex((hash) => equal(hash, leaf));
  if (index < 0) return null;
  await verifyInclusion(index, head.size, leaf, await proveInclusion(index, hashes), head.root);
  return index;
}
