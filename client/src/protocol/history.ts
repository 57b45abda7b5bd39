/** Does a log continue what this device saw of it, and if not: the evidence that it signed two histories (protocol 9.6). */
import { type Bytes, b64, concat, equal, fromUtf8, hex } from "../crypto/bytes.ts";
import { rootOf } from "../crypto/merkle.ts";
import { type Checkpoint } from "../crypto/note.ts";
import { ED25519, type VerifierKey } from "../crypto/verifierKey.ts";
import type { SeenHead } from "./catalogue.ts";
import { canonicalJson } from "./json.ts";

export type History = "first" | "continues" | "shorter" | "forked";

/** `hashes`: all leaf hashes of the log, which give the head's root. */
export async function historyOf(head: Checkpoint, hashes: readonly Bytes[], seen: SeenHead | undefined): Promise<History> {
  if (seen === undefined) return "first";
  if (seen.size > head.size) return "shorter";
  return equal(await rootOf(hashes.slice(0, seen.size)), seen.root) ? "continues" : "forked";
}

/** The evidence file of a fork: two notes, the older first, and the nodes that lead from one size to the other. */
export async function forkEvidence(key: VerifierKey, old: Bytes, oldSize: number, note: Bytes, hashes: readonly Bytes[]): Promise<Bytes> {
  const nodes = oldSize === hashes.length ? [] : await consistency(oldSize, hashes);
  return canonicalJson({ format: "veche/evidence/v1", log_key: named(key), new: fromUtf8(note), nodes: nodes.map(hex), old: fromUtf8(old) });
}

/** RFC 6962 2.1.2, with the first node always written out. */
async function consistency(size: number, hashes: readonly Bytes[]): Promise<readonly Bytes[]> {
  if (size === hashes.length) return [await rootOf(hashes)];
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  const left = hashes.slice(0, split);
  const right = hashes.slice(split);
  if (size <= split) return [...(await consistency(size, left)), await rootOf(right)];
  return [...(await consistency(size - split, right)), await rootOf(left)];
}

function named({ name, keyId, key }: VerifierKey): string {
  return `${name}+${hex(keyId)}+${b64(concat(Uint8Array.of(ED25519), key))}`;
}
