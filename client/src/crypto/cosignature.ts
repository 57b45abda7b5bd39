/** C2SP cosignatures by witnesses (c2sp.org/tlog-cosignature, cosignature/v1: Ed25519 with a time). */
import { utf8 } from "./bytes.ts";
import { InvalidSignature, verifyEd25519 } from "./ed25519.ts";
import { parseNote, signaturesBy } from "./note.ts";
import { type VerifierKey } from "./verifierKey.ts";

const TIME = 8;

/** When each known witness last cosigned a note, in seconds since 1970, by its place among the known; null: never.
 * Throws MalformedNote, and InvalidSignature when a known witness's line is wrong. */
export async function cosignedAt(bytes: Uint8Array, known: readonly VerifierKey[]): Promise<readonly (number | null)[]> {
  const note = parseNote(bytes);
  return Promise.all(
    known.map(async (witness) => {
      let latest: number | null = null;
      for (const timed of signaturesBy(note, witness)) {
        if (timed.length !== TIME + 64) throw new InvalidSignature("not a time and a signature");
        const time = timed.slice(0, TIME).reduce((value, byte) => value * 256 + byte, 0);
        await verifyEd25519(witness.key, utf8(`cosignature/v1\ntime ${time}\n${note.text}`), timed.slice(TIME));
        latest = Math.max(latest ?? 0, time);
      }
      return latest;
    }),
  );
}
