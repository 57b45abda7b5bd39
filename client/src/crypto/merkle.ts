/** Merkle tree hashes and inclusion (RFC 6962 section 2, RFC 9162 section 2.1.3). */
import { type Bytes, equal, sha256 } from "./bytes.ts";

export class InvalidProof extends Error {}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export function leafHash(entry: Uint8Array): Promise<Bytes> {
  return sha256(LEAF, entry);
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(NODE, left, right);
}

/** The root over leaf hashes. */
export async function rootOf(leaves: readonly Uint8Array[]): Promise<Bytes> {
  if (leaves.length === 0) return sha256();
  let row: Uint8Array[] = [...leaves];
  while (row.length > 1) {
    const pairs = row.length >> 1;
    const above: Uint8Array[] = await Promise.all(Array.from({ length: pairs }, (_, at) => nodeHash(row[2 * at]!, row[2 * at + 1]!)));
    if (row.length % 2 === 1) above.push(row[row.length - 1]!);
    row = above;
  }
  return row[0] as Bytes;
}

/** The roots of the largest complete subtrees of a tree, from left to right; `rootOf` them is not its root, `fold` is. */
export async function completeSubtrees(leaves: readonly Uint8Array[]): Promise<Bytes[]> {
  const roots: Promise<Bytes>[] = [];
  for (let at = 0, size = 2 ** 30; size >= 1; size /= 2) {
    if (at + size > leaves.length) continue;
    roots.push(rootOf(leaves.slice(at, at + size)));
    at += size;
  }
  return Promise.all(roots);
}

/** The root of a tree from those of its complete subtrees. */
export async function fold(subtrees: readonly Bytes[]): Promise<Bytes> {
  if (subtrees.length === 0) return sha256();
  let root = subtrees[subtrees.length - 1]!;
  for (let at = subtrees.length - 2; at >= 0; at -= 1) root = await nodeHash(subtrees[at]!, root);
  return root;
}

/** RFC 9162 2.1.3.2. Throws InvalidProof. */
export async function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): Promise<void> {
  if (index < 0 || index >= size || leaf.length !== 32 || root.length !== 32) throw new InvalidProof("no such leaf");
  let fn = index;
  let sn = size - 1;
  let computed: Uint8Array = leaf;
  const half = (): void => {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  };
  for (const sibling of proof) {
    if (sn === 0 || sibling.length !== 32) throw new InvalidProof("the proof is too long or malformed");
    if (fn % 2 === 1 || fn === sn) {
      computed = await nodeHash(sibling, computed);
      while (fn % 2 === 0 && fn !== 0) half();
    } else {
      computed = await nodeHash(computed, sibling);
    }
    half();
  }
  if (sn !== 0 || !equal(computed, root)) throw new InvalidProof("the proof does not lead to the root");
}

/** The audit path of a leaf over all leaf hashes, leaf to root (RFC 6962 2.1.1). */
export async function proveInclusion(index: number, leaves: readonly Uint8Array[]): Promise<Uint8Array[]> {
  if (leaves.length <= 1) return [];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const left = leaves.slice(0, split);
  const right = leaves.slice(split);
  if (index < split) return [...(await proveInclusion(index, left)), await rootOf(right)];
  return [...(await proveInclusion(index - split, right)), await rootOf(left)];
}
