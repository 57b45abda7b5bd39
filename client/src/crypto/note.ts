/** C2SP signed notes and checkpoints, as far as a reader needs them. */
import { type Bytes, b64, equal, fromUtf8, utf8 } from "./bytes.ts";
import { InvalidSignature, verifyEd25519 } from "./ed25519.ts";
import { isName, MalformedNote, strictB64, type VerifierKey } from "./verifierKey.ts";

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
}

/** A note taken apart: its text, and its signature lines, unverified. */
interface Note {
  readonly text: string;
  readonly lines: readonly { readonly name: string; readonly keyId: Bytes; readonly signature: Bytes }[];
}

const DASH = "\u2014 ";
const CONTROL = /(?!\n)\p{Cc}/u;

/** Throws MalformedNote. */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > 65536) throw new MalformedNote("too long");
  const whole = decodeText(bytes);
  const at = whole.lastIndexOf("\n\n");
  if (at < 0 || !whole.endsWith("\n")) throw new MalformedNote("no signature block");
  const lines = whole.slice(at + 2, -1).split("\n");
  if (lines.length > 64) throw new MalformedNote("too many signatures");
  return { text: whole.slice(0, at + 1), lines: lines.map(signatureLine) };
}

/** The signatures of a note that are by a key. */
export function signaturesBy(note: Note, key: VerifierKey): readonly Bytes[] {
  return note.lines.filter((line) => line.name === key.name && equal(line.keyId, key.keyId)).map((line) => line.signature);
}

/** The checkpoint of a note signed by a log's key. Throws MalformedNote, InvalidSignature. */
export async function openCheckpoint(bytes: Uint8Array, key: VerifierKey): Promise<Checkpoint> {
  const note = parseNote(bytes);
  const signatures = signaturesBy(note, key);
  if (signatures.length === 0) throw new InvalidSignature("no signature by the log's key");
  for (const signature of signatures) await verifyEd25519(key.key, utf8(note.text), signature);
  return parseCheckpoint(note.text, key.name);
}

/** What a note's text says, whoever signed it. Throws MalformedNote. */
export function claimedCheckpoint(bytes: Uint8Array): Checkpoint {
  const { text } = parseNote(bytes);
  return parseCheckpoint(text, text.split("\n")[0]!);
}

function parseCheckpoint(text: string, origin: string): Checkpoint {
  const [name, size = "", root = "", end, ...more] = text.split("\n");
  const checkpoint = { origin, size: Number(size), root: strictB64(root) };
  const again = `${origin}\n${checkpoint.size}\n${b64(checkpoint.root)}\n`;
  const whole = name === origin && origin !== "" && end === "" && more.length === 0 && again === text;
  if (!whole || checkpoint.root.length !== 32 || !Number.isSafeInteger(checkpoint.size)) {
    throw new MalformedNote("not a checkpoint of this log");
  }
  return checkpoint;
}

function signatureLine(line: string): Note["lines"][number] {
  const [name = "", encoded = "", ...more] = line.startsWith(DASH) ? line.slice(DASH.length).split(" ") : [];
  const data = strictB64(encoded);
  if (!isName(name) || more.length > 0 || data.length < 5) throw new MalformedNote("not a signature line");
  return { name, keyId: data.slice(0, 4), signature: data.slice(4) };
}

function decodeText(bytes: Uint8Array): string {
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    throw new MalformedNote("not UTF-8");
  }
  if (CONTROL.test(text)) throw new MalformedNote("control characters");
  return text;
}
