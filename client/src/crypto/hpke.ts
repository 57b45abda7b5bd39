/** HPKE (RFC 9180), base mode, one message per key, without `aad`: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM; by @hpke/core. */
import { Aes128Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { type Bytes, concat } from "./bytes.ts";

const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes128Gcm() });
const ENC = 65;

/** Not a key, or a ciphertext that does not open under this key and `info`. */
export class NotOpened extends Error {}

/** An uncompressed point, 65 bytes. Throws NotOpened. */
export async function importPublicKey(point: Bytes): Promise<CryptoKey> {
  return refusing(() => suite.kem.deserializePublicKey(point));
}

/** SerializePrivateKey of RFC 9180, 32 bytes. Throws NotOpened. */
export async function importPrivateKey(key: Bytes): Promise<CryptoKey> {
  return refusing(() => suite.kem.deserializePrivateKey(key));
}

/** `enc || ct`. */
export async function seal(recipientPublicKey: CryptoKey, info: Bytes, plaintext: Bytes): Promise<Bytes> {
  const { enc, ct } = await suite.seal({ recipientPublicKey, info }, plaintext);
  return concat(new Uint8Array(enc), new Uint8Array(ct));
}

/** Throws NotOpened. */
export async function open(recipientKey: CryptoKey, info: Bytes, sealed: Bytes): Promise<Bytes> {
  return new Uint8Array(await refusing(() => suite.open({ recipientKey, enc: sealed.slice(0, ENC), info }, sealed.slice(ENC))));
}

async function refusing<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw new NotOpened("not a key of this suite, or not sealed for it", { cause: error });
  }
}
