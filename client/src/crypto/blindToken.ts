/** RSABSSA-SHA384-PSS-Randomized (RFC 9474), the client's role, by @cloudflare/blindrsa-ts. */
import { RSABSSA } from "@cloudflare/blindrsa-ts";
import { type Bytes, concat } from "./bytes.ts";
import { importTokenKey, soundModulus } from "./tokenKey.ts";

const suite = RSABSSA.SHA384.PSS.Randomized();

/** What is kept until the token is there: prefix and message, what was sent, and the inverse. */
export interface Blinding {
  readonly prepared: Bytes;
  readonly blinded: Bytes;
  readonly inverse: Bytes;
}

/** Throws UnsoundKey before anything is blinded. */
export async function blind(spki: Bytes, message: Bytes): Promise<Blinding> {
  soundModulus(spki);
  const prepared = concat(suite.prepare(message));
  const { blindedMsg, inv } = await suite.blind(await importTokenKey(spki), prepared);
  return { prepared, blinded: concat(blindedMsg), inverse: concat(inv) };
}

/** The token's signature. Throws when the reply does not finalize. */
export async function finalize(spki: Bytes, blinding: Blinding, reply: Bytes): Promise<Bytes> {
  const key = await importTokenKey(spki);
  return concat(await suite.finalize(key, blinding.prepared, reply, blinding.inverse));
}
