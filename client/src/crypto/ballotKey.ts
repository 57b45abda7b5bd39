/** The one-time ballot key: ECDSA P-256 with SHA-256, r || s, low s (protocol 2.2 and 6.3). */
import { type Bytes, concat, hex } from "./bytes.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A key as it is kept: PKCS #8 and the uncompressed point (some browsers cannot store a CryptoKey). */
export interface BallotKey {
  readonly pkcs8: Bytes;
  readonly point: Bytes;
}

export async function generateBallotKey(): Promise<BallotKey> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const [pkcs8, point] = await Promise.all([
    crypto.subtle.exportKey("pkcs8", pair.privateKey),
    crypto.subtle.exportKey("raw", pair.publicKey),
  ]);
  return { pkcs8: new Uint8Array(pkcs8), point: new Uint8Array(point) };
}

export async function signBallot(key: BallotKey, message: Bytes): Promise<Bytes> {
  const signer = await crypto.subtle.importKey("pkcs8", key.pkcs8, ALGORITHM, false, ["sign"]);
  return lowS(new Uint8Array(await crypto.subtle.sign(SIGNING, signer, message)));
}

/** Replace s by its negative where it is the larger of the two. */
export function lowS(signature: Bytes): Bytes {
  const s = BigInt(`0x${hex(signature.slice(32))}`);
  if (s <= ORDER / 2n) return signature;
  const low = (ORDER - s).toString(16).padStart(64, "0");
  const bytes = Uint8Array.from({ length: 32 }, (_, at) => Number.parseInt(low.slice(2 * at, 2 * at + 2), 16));
  return concat(signature.slice(0, 32), bytes);
}
