/** Ed25519 verification (RFC 8032), the same in every browser. */
import { verifyAsync } from "@noble/ed25519";

export class InvalidSignature extends Error {}

export async function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<void> {
  let valid = false;
  try {
    valid = signature.length === 64 && (await verifyAsync(signature, message, key, { zip215: false }));
  } catch {
    valid = false;
  }
  if (!valid) throw new InvalidSignature("the Ed25519 signature does not verify");
}
