/** C2SP proofs that an entry is in a log (c2sp.org/tlog-proof@v1): index, inclusion proof, checkpoint. */
import { type Bytes, fromB64, fromUtf8, utf8 } from "./bytes.ts";
import { InvalidProof, verifyInclusion } from "./merkle.ts";
import { type Checkpoint, openCheckpoint } from "./note.ts";
import { type VerifierKey } from "./verifierKey.ts";

const MAX_PROOF = 65_536 + 64 * 50;

const HEAD = /^c2sp\.org\/tlog-proof@v1\nindex (0|[1-9][0-9]{0,14})((?:\n[A-Za-z0-9+/]{43}=){0,63})\n\n/;

export interface Proven {
  readonly index: number;
  readonly head: Checkpoint;
}

/** Check that a leaf hash is in the log of a key. Throws InvalidProof, MalformedNote, InvalidSignature. */
export async function verifyProof(proof: Bytes, key: VerifierKey, leaf: Bytes): Promise<Proven> {
  const [whole = "", index = "", hashes = ""] = HEAD.exec(textOf(proof)) ?? [];
  if (whole === "" || proof.length > MAX_PROOF) throw new InvalidProof("not index, hashes and checkpoint");
  const path = hashes.split("\n").slice(1).map(hashOf);
  const head = await openCheckpoint(proof.slice(utf8(whole).length), key);
  await verifyInclusion(Number(index), head.size, leaf, path, head.root);
  return { index: Number(index), head };
}

function textOf(proof: Bytes): string {
  try {
    return fromUtf8(proof);
  } catch {
    throw new InvalidProof("not UTF-8");
  }
}

function hashOf(line: string): Bytes {
  try {
    return fromB64(line);
  } catch {
    throw new InvalidProof("not the base64 of a hash");
  }
}
