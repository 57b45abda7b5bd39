/** C2SP signed notes and checkpoints, as far as a reader needs them. */
import { type Bytes, b64, concat, equal, fromB64, fromUtf8, hex, sha256, utf8 } from "./bytes.ts";
import { InvalidSignature, verifyEd25519 } from "./ed25519.ts";

export class MalformedNote extends Error {}

export interface VerifierKey {
  readonly name: string;
  readonly keyId: Bytes;
  readonly key: Bytes;
}

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
}

const ED25519 = 1;
const DASH = "\u2014 ";

/** Read `name+hex+base64`. Throws MalformedNote. */
export async function parseVerifierKey(text: string): Promise<VerifierKey> {
  const [name = "", id = "", ...rest] = text.split("+");
  const typed = decode(rest.join("+"));
  if (name === "" || /\s/u.test(name) || typed[0] !== ED25519 || typed.length !== 33) {
    throw new MalformedNote("not an Ed25519 verifier key");
  }
  const keyId = (await sha256(utf8(`${name}\n`), typed)).slice(0, 4);
  if (hex(keyId) !== id) throw new MalformedNote("the key id does not fit");
  return { name, keyId, key: typed.slice(1) };
}

/** The checkpoint of a note signed by a log's key. Throws MalformedNote, InvalidSignature. */
export async function openCheckpoint(note: Uint8Array, key: VerifierKey): Promise<Checkpoint> {
  const whole = fromUtf8(note);
  const at = whole.lastIndexOf("\n\n");
  if (at < 0 || !whole.endsWith("\n") || note.length > 65536) throw new MalformedNote("no signature block");
  const text = whole.slice(0, at + 1);
  let verified = false;
  for (const line of whole.slice(at + 2, -1).split("\n")) {
    const [name, encoded] = line.startsWith(DASH) ? line.slice(DASH.length).split(" ") : [];
    if (name === undefined || encoded === undefined) throw new MalformedNote("not a signature line");
    const signature = decode(encoded);
    if (name === key.name && equal(signature.slice(0, 4), key.keyId)) {
      await verifyEd25519(key.key, utf8(text), signature.slice(4));
      verified = true;
    }
  }
  if (!verified) throw new InvalidSignature("no signature by the log's key");
  return parseCheckpoint(text, key.name);
}

function parseCheckpoint(text: string, origin: string): Checkpoint {
  const [name, size = "", root = "", end, ...more] = text.split("\n");
  const checkpoint = { origin, size: Number(size), root: decode(root) };
  const again = `${origin}\n${checkpoint.size}\n${b64(checkpoint.root)}\n`;
  const whole = name === origin && end === "" && more.length === 0 && again === text;
  if (!whole || checkpoint.root.length !== 32 || !Number.isSafeInteger(checkpoint.size)) {
    throw new MalformedNote("not a checkpoint of this log");
  }
  return checkpoint;
}

function decode(text: string): Bytes {
  try {
    return concat(fromB64(text));
  } catch {
    throw new MalformedNote("not base64");
  }
}
