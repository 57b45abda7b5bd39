/** Token keys, and whether one is sound: RSA of 2048, 3072 or 4096 bits, e = 65537, as DER SubjectPublicKeyInfo (protocol 4.1). */
import { type Bytes, concat, equal, fromHex, hex } from "./bytes.ts";

export class UnsoundKey extends Error {}

/** SEQUENCE of rsaEncryption and a BIT STRING of SEQUENCE of n: DER leaves no choice but n, for each size. */
const BEFORE = {
  2048: "30820122300d06092a864886f70d01010105000382010f003082010a0282010100",
  3072: "308201a2300d06092a864886f70d01010105000382018f003082018a0282018100",
  4096: "30820222300d06092a864886f70d01010105000382020f003082020a0282020100",
} as const;
const EXPONENT = fromHex("0203010001", 5);
const SIEVE = 2 ** 16;

/** The modulus. Throws UnsoundKey on other sizes, exponents, encodings, and where a prime below 65,536 divides it. */
export function soundModulus(spki: Bytes): bigint {
  const found = Object.values(BEFORE).map((before) => modulusAfter(spki, before)).find((one) => one !== null);
  if (found === undefined) throw new UnsoundKey("not an RSA key of 2048, 3072 or 4096 bits with e = 65537");
  const n = BigInt(`0x${hex(found)}`);
  if (primes().some((prime) => n % prime === 0n)) throw new UnsoundKey("the modulus has a small factor");
  return n;
}

/** For verifying tokens under it (RSASSA-PSS with SHA-384). */
export async function importTokenKey(spki: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("spki", spki, { name: "RSA-PSS", hash: "SHA-384" }, true, ["verify"]);
}

export function bitLength(n: bigint): number {
  return n.toString(2).length;
}

export function gcd(left: bigint, right: bigint): bigint {
  let [a, b] = [left, right];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** The modulus bytes of a key whose encoding begins so, null of another. */
function modulusAfter(spki: Bytes, before: string): Bytes | null {
  const start = fromHex(before, before.length / 2);
  const n = spki.slice(start.length, -EXPONENT.length);
  const whole = equal(concat(start, n, EXPONENT), spki) && n.length === lengthNamed(start) && n[0]! >= 0x80;
  return whole ? n : null;
}

/** The INTEGER's length is the last two bytes but one; it counts the zero byte before a modulus. */
function lengthNamed(start: Bytes): number {
  return start[start.length - 3]! * 256 + start[start.length - 2]! - 1;
}

let sieved: readonly bigint[] | undefined;

function primes(): readonly bigint[] {
  if (sieved !== undefined) return sieved;
  const composite = new Uint8Array(SIEVE);
  const found: bigint[] = [];
  for (let n = 2; n < SIEVE; n += 1) {
    if (composite[n] === 1) continue;
    found.push(BigInt(n));
    for (let multiple = n * n; multiple < SIEVE; multiple += n) composite[multiple] = 1;
  }
  sieved = found;
  return found;
}
