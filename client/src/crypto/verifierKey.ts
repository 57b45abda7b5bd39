/** C2SP verifier keys of signed notes: `name+hex+base64`. */
import { type Bytes, fromB64, hex, sha256, utf8 } from "./bytes.ts";

export class MalformedNote extends Error {}

export interface VerifierKey {
  readonly name: string;
  readonly keyId: Bytes;
  readonly key: Bytes;
}

/** The algorithm byte of a signature on the note's text, and of a witness's cosignature. */
export const ED25519 = 1;
export const COSIGNATURE = 4;

/** Read `name+hex+base64`. Throws MalformedNote. */
export async function parseVerifierKey(text: string, algorithm = ED25519): Promise<VerifierKey> {
  const [name = "", id = "", ...rest] = text.split("+");
  const typed = strictB64(rest.join("+"));
  if (!isName(name) || typed[0] !== algorithm || typed.length !== 33) {
    throw new MalformedNote("not an Ed25519 verifier key of this kind");
  }
  const keyId = (await sha256(utf8(`${name}\n`), typed)).slice(0, 4);
  if (hex(keyId) !== id) throw new MalformedNote("the key id does not fit");
  return { name, keyId, key: typed.slice(1) };
}

export function isName(name: string): boolean {
  return name !== "" && !/[\s+]|\p{Cc}/u.test(name);
}

/** Throws MalformedNote. */
export function strictB64(text: string): Bytes {
  try {
    return fromB64(text);
  } catch {
    throw new MalformedNote("not base64");
  }
}
