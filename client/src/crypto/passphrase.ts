/** Encryption under a passphrase: JWE (RFC 7516) with PBES2-HS512+A256KW (RFC 7518 section 4.8) and A256GCM, by WebCrypto. */
import { type Bytes, b64u, concat, fromB64u, fromUtf8, utf8 } from "./bytes.ts";

const ALGORITHM = "PBES2-HS512+A256KW";
const ENCRYPTION = "A256GCM";
const GCM = { name: "AES-GCM", length: 256 } as const;
/** What OWASP advises for PBKDF2 with HMAC-SHA-512. */
const ITERATIONS = 210_000;
const SALT = 16;
const TAG = 16;

/** The passphrase is another one, or the text is damaged: which of them cannot be told. */
export class NotOpened extends Error {}

/** A passphrase, stretched; with it more can be sealed without asking for the passphrase again. */
export interface Lock {
  readonly salt: Bytes;
  /** 32 bytes. */
  readonly wrapping: Bytes;
}

export async function makeLock(passphrase: string): Promise<Lock> {
  return stretch(passphrase, crypto.getRandomValues(new Uint8Array(SALT)));
}

/** Encrypt under a fresh key, wrapped by the lock; compact serialization. */
export async function seal(lock: Lock, plaintext: Bytes): Promise<string> {
  const header = b64u(utf8(JSON.stringify({ alg: ALGORITHM, enc: ENCRYPTION, p2c: ITERATIONS, p2s: b64u(lock.salt) })));
  const key = await crypto.subtle.generateKey(GCM, true, ["encrypt"]);
  const wrapped = await crypto.subtle.wrapKey("raw", key, await wrapping(lock), "AES-KW");
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(header) }, key, plaintext));
  const parts = [new Uint8Array(wrapped), iv, sealed.slice(0, -TAG), sealed.slice(-TAG)];
  return [header, ...parts.map(b64u)].join(".");
}

/** Decrypt what a passphrase sealed; the lock too, to seal again. Throws NotOpened. */
export async function open(passphrase: string, jwe: string): Promise<{ readonly lock: Lock; readonly plaintext: Bytes }> {
  try {
    const [header = "", ...parts] = jwe.split(".");
    const [wrapped, iv, ciphertext, tag, ...more] = parts.map((part) => fromB64u(part));
    if (more.length > 0 || tag?.length !== TAG) throw new NotOpened("not a compact JWE");
    const lock = await stretch(passphrase, saltOf(header));
    const key = await crypto.subtle.unwrapKey("raw", wrapped!, await wrapping(lock), "AES-KW", GCM, false, ["decrypt"]);
    const algorithm = { name: "AES-GCM", iv: iv!, additionalData: utf8(header) };
    return { lock, plaintext: new Uint8Array(await crypto.subtle.decrypt(algorithm, key, concat(ciphertext!, tag))) };
  } catch (error) {
    throw new NotOpened("another passphrase, or damaged", { cause: error });
  }
}

/** The salt of a header that is exactly one of ours: nobody else chooses the work or the algorithm. */
function saltOf(header: string): Bytes {
  const { alg, enc, p2c, p2s } = JSON.parse(fromUtf8(fromB64u(header))) as Readonly<Record<string, unknown>>;
  if (alg !== ALGORITHM || enc !== ENCRYPTION || p2c !== ITERATIONS) throw new NotOpened("another algorithm");
  return fromB64u(String(p2s), SALT);
}

async function stretch(passphrase: string, salt: Bytes): Promise<Lock> {
  const password = await crypto.subtle.importKey("raw", utf8(passphrase.normalize("NFC")), "PBKDF2", false, ["deriveBits"]);
  const pbkdf2 = { name: "PBKDF2", hash: "SHA-512", iterations: ITERATIONS, salt: concat(utf8(`${ALGORITHM}\0`), salt) };
  return { salt, wrapping: new Uint8Array(await crypto.subtle.deriveBits(pbkdf2, password, 256)) };
}

async function wrapping(lock: Lock): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", lock.wrapping, "AES-KW", false, ["wrapKey", "unwrapKey"]);
}
