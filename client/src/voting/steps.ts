/** The steps of a vote: each reads what is kept, does one thing with the world, keeps the outcome. All repeatable. */
import { ConnectionLost, post, Refused } from "../api/http.ts";
import { accessToken, authorizationUrl, newSignIn, requestToken, type TokenAnswer } from "../api/issuer.ts";
import { type Bytes, concat, fromB64u, hex } from "../crypto/bytes.ts";
import { generateBallotKey, signBallot } from "../crypto/ballotKey.ts";
import { blind, finalize } from "../crypto/blindToken.ts";
import { leafHash } from "../crypto/merkle.ts";
import { encodeAnswers } from "../protocol/answers.ts";
import { signatureMessage, signedPart, tokenMessage } from "../protocol/ballot.ts";
import { Malformed, members, oneOf, string } from "../protocol/json.ts";
import type { Poll } from "../protocol/manifest.ts";
import { verifyPromise, verifyReceipt } from "../protocol/statements.ts";
import type { TrustRoot } from "../protocol/trust.ts";
import { accessOf, alone, apply, askToPersist, forgetAccess, keepAccess, keepNew, keepSignIn, takeSignIn, voteOf } from "./vault.ts";
import type { Asking, Vote } from "./vote.ts";

/** Leave for the issuer's sign-in. */
export async function signIn(trust: TrustRoot, poll: Poll, language: string): Promise<void> {
  const issuer = trust.issuers.findIndex((one) => one.url === poll.issuers[0]!.url);
  const leaving = newSignIn(poll.id, issuer);
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
    await keepAccess(leaving.pollId, await accessToken(trust, leaving, answer));
    return { pollId: leaving.pollId, refused: null };
  } catch (error) {
    return { pollId: leaving.pollId, refused: error instanceof Refused ? error.slug : "sign-in-expired" };
  }
}

/** Get the token: key and blinding are kept first, then the same bytes are asked for until they are answered. */
export async function getToken(poll: Poll): Promise<Vote> {
  return alone(poll.id, async () => {
    const vote = (await voteOf(poll.id)) ?? (await keepNew(await newVote(poll)));
    if (vote.at !== "asking") return vote;
    const access = await accessOf(poll.id);
    if (access === undefined) throw new Refused("not-authorized");
    try {
      const next = await ask(poll, vote, access);
      await forgetAccess(poll.id);
      return next;
    } catch (error) {
      if (error instanceof Refused) await forgetAccess(poll.id);
      throw error;
    }
  });
}

/** Sign the ballot with the answers that are kept. */
export async function sign(poll: Poll): Promise<Vote> {
  return alone(poll.id, async () => {
    const vote = await voteOf(poll.id);
    if (vote?.at !== "answering") throw new Malformed("nothing to sign");
    const signed = signedPart(poll, vote.key.point, [vote.token], encodeAnswers(poll, vote.answers));
    const ballot = concat(signed, await signBallot(vote.key, signatureMessage(signed)));
    return apply(poll.id, { event: "signed", ballot, leaf: await leafHash(ballot) });
  });
}

/** Send the ballot that is kept; the same bytes however often. */
export async function send(poll: Poll): Promise<Vote> {
  return alone(poll.id, async () => {
    const vote = await voteOf(poll.id);
    if (vote?.at !== "sending") return vote ?? Promise.reject(new Malformed("nothing to send"));
    const url = `${poll.box.url}/polls/${poll.id}/ballots`;
    const answer = await post(url, vote.ballot, { "Content-Type": "application/octet-stream" });
    const m = members(answer, "leaf_hash", "poll_id", "receipt");
    oneOf(m["leaf_hash"], hex(vote.leaf));
    oneOf(m["poll_id"], poll.id);
    const receipt = fromB64u(string(m["receipt"]), 64);
    await verifyReceipt(poll, vote.leaf, receipt);
    return apply(poll.id, { event: "receipt-received", receipt });
  });
}

async function newVote(poll: Poll): Promise<Asking> {
  if (poll.threshold !== 1) throw new Malformed("this client takes one token");
  void askToPersist();
  const key = await generateBallotKey();
  const blinding = await blind(poll.issuers[0]!.tokenKey, tokenMessage(poll.idBytes, key.point));
  return { at: "asking", pollId: poll.id, issuer: 0, key, blinding };
}

async function ask(poll: Poll, vote: Asking, access: string): Promise<Vote> {
  const first = await requestToken(poll, vote.issuer, access, vote.blinding.blinded);
  const signature = await finalized(poll, vote, first);
  if (signature !== null) return received(poll, vote, first, signature);
  const second = await requestToken(poll, vote.issuer, access, vote.blinding.blinded);
  const repeated = await finalized(poll, vote, second);
  if (repeated !== null) return received(poll, vote, second, repeated);
  return apply(poll.id, { event: "reply-faulty", reply: second.blindSignature });
}

async function finalized(poll: Poll, vote: Asking, answer: TokenAnswer): Promise<Bytes | null> {
  try {
    const signature = await finalize(poll.issuers[vote.issuer]!.tokenKey, vote.blinding, answer.blindSignature);
    await verifyPromise(poll, vote.issuer, answer, vote.blinding.blinded);
    return signature;
  } catch (error) {
    if (error instanceof ConnectionLost) throw error;
    return null;
  }
}

async function received(poll: Poll, vote: Asking, answer: TokenAnswer, signature: Bytes): Promise<Vote> {
  const { pseudonym, nonce, promise } = answer;
  const token = { issuer: vote.issuer, prefix: vote.blinding.prepared.slice(0, 32), signature };
  return apply(poll.id, { event: "token-received", token, issuance: { pseudonym, nonce, promise } });
}
