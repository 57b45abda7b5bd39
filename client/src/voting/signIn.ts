/** To an issuer's sign-in and back; and what else the poll's page does with a vote. */
import { ConnectionLost, Refused } from "../api/http.ts";
import { accessToken, authorizationUrl, firstToAnswer, newSignIn } from "../api/issuer.ts";
import type { Poll } from "../protocol/manifest.ts";
import type { TrustRoot } from "../protocol/trust.ts";
import { alone, apply, keepAccess, keepSignIn, takeSignIn } from "./vault.ts";
import type { Vote } from "./vote.ts";

/** All issuers of a poll, as {@link signIn} takes them. */
export const everyIssuer = (poll: Poll): readonly number[] => poll.issuers.map((_, issuer) => issuer);

/**
 * Leave for the sign-in at the first of these issuers that answers, by their places in the manifest: a browser's own page about a dead address
 * tells a resident nothing. Throws Refused where none does, ConnectionLost without a connection.
 */
export async function signIn(trust: TrustRoot, poll: Poll, issuers: readonly number[], language: string): Promise<void> {
  const issuer = await firstToAnswer(poll, issuers);
  if (issuer === null) throw navigator.onLine ? new Refused("unavailable") : new ConnectionLost("no issuer answers");
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
