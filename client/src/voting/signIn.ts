/** To an issuer's sign-in and back; and what else the poll's page does with a vote. */
import { ConnectionLost, Refused } from "../api/http.ts";
import { accessToken, authorizationUrl, newSignIn } from "../api/issuer.ts";
import type { Poll } from "../protocol/manifest.ts";
import type { TrustRoot } from "../protocol/trust.ts";
import { alone, apply, keepAccess, keepSignIn, takeSignIn } from "./vault.ts";
import type { Vote } from "./vote.ts";

/** Leave for the sign-in of an issuer, by its place in the manifest. */
export async function signIn(trust: TrustRoot, poll: Poll, issuer: number, language: string): Promise<void> {
  const known = trust.issuers.findIndex((one) => one.url === poll.issuers[issuer]!.url);
  const leaving = newSignIn(poll.id, known);
  await keepSignIn(leaving);
  location.assign(await authorizationUrl(trust, leaving, language));
}

/** How a sign-in ended: with an access token that is kept, or refused with a slug. */
export interface Returned {
  readonly pollId: string;
  readonly refused: string | null;
}

/** Come back from the issuer; null when the sign-in did not begin here. */
export async function returnFromSignIn(trust: TrustRoot, answer: URLSearchParams): Promise<Returned | null> {
  const leaving = await takeSignIn(answer.get("state") ?? "");
  if (leaving === undefined) return null;
  try {
    const { token, polls } = await accessToken(trust, leaving, answer);
    await Promise.all(polls.map((poll) => keepAccess(poll, trust.issuers[leaving.issuer]!.url, token)));
    return { pollId: leaving.pollId, refused: null };
  } catch (error) {
    return { pollId: leaving.pollId, refused: slugOf(error) };
  }
}

function slugOf(error: unknown): string {
  if (error instanceof Refused) return error.slug;
  return error instanceof ConnectionLost ? "connection-lost" : "sign-in-expired";
}

/** Begin to change a vote that was cast: the same key, the next revision. */
export async function changeVote(poll: Poll): Promise<Vote> {
  return alone(poll.id, () => apply(poll.id, { event: "changing" }));
}

/** Think better of it: the ballot that was accepted stands. */
export async function keepVote(poll: Poll): Promise<Vote> {
  return alone(poll.id, () => apply(poll.id, { event: "kept" }));
}
