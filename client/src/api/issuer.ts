/** Sign-in (OAuth 2.0 code with PKCE, protocol 5.1) and the token request (5.3). */
import { type Bytes, b64u, fromB64u, sha256, utf8 } from "../crypto/bytes.ts";
import { Malformed, members, string } from "../protocol/json.ts";
import type { Poll } from "../protocol/manifest.ts";
import type { Issuance } from "../protocol/statements.ts";
import type { TrustRoot } from "../protocol/trust.ts";
import { getBytes, post, Refused } from "./http.ts";

const PATIENCE_MS = 8_000;

/** The first of these issuers of a poll that answers now; null where none does. */
export async function firstToAnswer(poll: Poll, issuers: readonly number[]): Promise<number | null> {
  for (const issuer of issuers) {
    const answers = await getBytes(`${poll.issuers[issuer]!.url}/polls/${poll.id}/issuance`, PATIENCE_MS).then(
      () => true,
      (error: unknown) => error instanceof Refused && !error.passing,
    );
    if (answers) return issuer;
  }
  return null;
}

/** What is kept between leaving for the issuer and coming back. */
export interface SignIn {
  readonly state: string;
  readonly verifier: string;
  readonly pollId: string;
  readonly issuer: number;
}

export function newSignIn(pollId: string, issuer: number): SignIn {
  const random = (): string => b64u(crypto.getRandomValues(new Uint8Array(32)));
  return { state: random(), verifier: random(), pollId, issuer };
}

export async function authorizationUrl(trust: TrustRoot, signIn: SignIn, language: string): Promise<string> {
  const query = new URLSearchParams({
    response_type: "code",
    response_mode: "fragment",
    client_id: trust.client,
    redirect_uri: redirectUri(trust, signIn.issuer),
    scope: `poll:${signIn.pollId}`,
    state: signIn.state,
    code_challenge: b64u(await sha256(utf8(signIn.verifier))),
    code_challenge_method: "S256",
    ui_locales: language,
  });
  return `${trust.issuers[signIn.issuer]!.url}/oauth/authorize?${query}`;
}

/** An access token, and the ids of the polls it is for: the one wanted and those ticked beside it. */
interface Access {
  readonly token: string;
  readonly polls: readonly string[];
}

/** The access that an answer's code gives. Throws Refused with the sign-in's slug, Malformed on a wrong answer. */
export async function accessToken(trust: TrustRoot, signIn: SignIn, answer: URLSearchParams): Promise<Access> {
  const issuer = trust.issuers[signIn.issuer]!;
  if (answer.get("iss") !== issuer.url || answer.get("state") !== signIn.state) throw new Malformed("another issuer or state");
  if (answer.has("error")) throw new Refused(answer.get("error_description") ?? "sign-in-cancelled");
  const fields = new URLSearchParams({
    grant_type: "authorization_code",
    code: answer.get("code") ?? "",
    redirect_uri: redirectUri(trust, signIn.issuer),
    client_id: trust.client,
    code_verifier: signIn.verifier,
  });
  const granted = await post(`${issuer.url}/oauth/token`, fields, {});
  if (typeof granted !== "object" || granted === null || !("access_token" in granted && "scope" in granted)) throw new Malformed("no access");
  return { token: string(granted.access_token), polls: string(granted.scope, SCOPE).split(" ").map((name) => name.slice("poll:".length)) };
}

const SCOPE = /^poll:[0-9a-f]{64}(?: poll:[0-9a-f]{64})*$/;

export interface TokenAnswer extends Issuance {
  readonly blindSignature: Bytes;
}

/** Have a blinded message signed; the same bytes get the same answer. Throws Refused, ConnectionLost. */
export async function requestToken(poll: Poll, issuer: number, access: string, blinded: Bytes): Promise<TokenAnswer> {
  const url = `${poll.issuers[issuer]!.url}/polls/${poll.id}/token`;
  const headers = { Authorization: `Bearer ${access}`, "Content-Type": "application/json" };
  const m = members(
    await post(url, JSON.stringify({ blinded_message: b64u(blinded) }), headers),
    "blind_signature", "nonce", "promise", "pseudonym",
  );
  return {
    blindSignature: fromB64u(string(m["blind_signature"])),
    nonce: fromB64u(string(m["nonce"]), 32),
    promise: fromB64u(string(m["promise"]), 64),
    pseudonym: fromB64u(string(m["pseudonym"]), 32),
  };
}

function redirectUri(trust: TrustRoot, issuer: number): string {
  return `${trust.client}/?issuer=${issuer}`;
}
