/** The steps of a vote: each reads what is kept, does one thing with the world, keeps the outcome. All repeatable. */
import { checkCatalogued } from "../api/board.ts";
import { ConnectionLost, post, Refused } from "../api/http.ts";
import { requestToken, type TokenAnswer } from "../api/issuer.ts";
import { type Bytes, concat, fromB64u, hex } from "../crypto/bytes.ts";
import { generateBallotKey, signBallot } from "../crypto/ballotKey.ts";
import { blind, finalize } from "../crypto/blindToken.ts";
import { leafHash } from "../crypto/merkle.ts";
import { signatureMessage, signedPart, tokenMessage } from "../protocol/ballot.ts";
import { Malformed, members, oneOf, string } from "../protocol/json.ts";
import type { Poll } from "../protocol/manifest.ts";
import { answersField } from "../protocol/sealing.ts";
import { verifyPromise, verifyReceipt } from "../protocol/statements.ts";
import { catalogueUrl, type TrustRoot } from "../protocol/trust.ts";
import { rememberLog } from "./finding.ts";
import { openPoll } from "./polls.ts";
import { accessOf, alone, apply, askToPersist, forgetAccess, grantedPolls, keepHead, keepNew, seenHead, voteOf } from "./vault.ts";
import { type Accepted, type Asking, begin, type Collecting, issuersLeft, receiptOf, type Vote } from "./vote.ts";

/** Refuse a poll that not everybody can see (protocol 3.9). Throws NotInCatalogue. */
async function checkShownToAll(trust: TrustRoot, poll: Poll): Promise<void> {
  const log = catalogueUrl(trust.box.url);
  await alone("catalogue", async () => keepHead(log, await checkCatalogued(trust, poll, await seenHead(log))));
}

/**
 * Take the tokens that access tokens are here for. Key and blinding are kept first, then the same bytes are asked
 * for until they are answered. Comes back "answering" with all tokens, or "collecting" when a sign-in is due.
 */
export async function getTokens(trust: TrustRoot, poll: Poll): Promise<Vote> {
  return alone(poll.id, async () => {
    let vote = (await voteOf(poll.id)) ?? (await keepNew(await newVote(poll)));
    for (;;) {
      if (vote.at !== "collecting" && vote.at !== "asking") return vote;
      const next = await granted(poll, issuersLeft(vote, poll.issuers.length));
      if (next === null) return vote;
      if (vote.at === "collecting") await checkShownToAll(trust, poll);
      vote = await askOne(poll, vote, next.issuer, next.access);
    }
  });
}

/** The first of these issuers that an access token is here for. */
async function granted(poll: Poll, issuers: readonly number[]): Promise<{ readonly issuer: number; readonly access: string } | null> {
  for (const issuer of issuers) {
    const access = await accessOf(poll.id, poll.issuers[issuer]!.url);
    if (access !== undefined) return { issuer, access };
  }
  return null;
}

/** The tokens of the other polls that were ticked at this sign-in; what does not come now comes after another. */
export async function getOtherTokens(trust: TrustRoot, poll: Poll): Promise<void> {
  for (const id of await grantedPolls().catch(() => [])) {
    if (id === poll.id) continue;
    await openPoll(trust, id).then((other) => getTokens(trust, other)).catch(() => undefined);
  }
}

/** Ask an issuer that cannot be reached or refuses after all others. */
export async function passIssuer(poll: Poll, issuer: number): Promise<Vote> {
  return alone(poll.id, async () => {
    await forgetAccess(poll.id, poll.issuers[issuer]!.url);
    return apply(poll.id, { event: "passed", issuer });
  });
}

/** Sign the ballot with the answers that are kept. */
export async function sign(poll: Poll): Promise<Vote> {
  return alone(poll.id, async () => {
    const vote = await voteOf(poll.id);
    if (vote?.at !== "answering") throw new Malformed("nothing to sign");
    const answers = await answersField(poll, vote.key.point, vote.revision, vote.answers);
    const signed = signedPart(poll, vote.key.point, vote.revision, vote.tokens, answers);
    const ballot = concat(signed, await signBallot(vote.key, signatureMessage(signed)));
    return apply(poll.id, { event: "signed", ballot, leaf: await leafHash(ballot) });
  });
}

/** Send the ballot that is kept; the same bytes however often. */
export async function send(poll: Poll): Promise<Vote> {
  return alone(poll.id, async () => {
    const vote = await voteOf(poll.id);
    if (vote?.at !== "sending") return vote ?? Promise.reject(new Malformed("nothing to send"));
    void rememberLog(poll).catch(() => undefined);
    return apply(poll.id, { event: "receipt-received", receipt: await castBallot(poll, vote) });
  });
}

/** Send a ballot that was accepted once more, for a box that lost it: the same bytes, the same receipt. Never unasked. */
export async function sendAgain(poll: Poll): Promise<void> {
  const accepted = receiptOf(await voteOf(poll.id));
  if (accepted !== null) await castBallot(poll, accepted);
}

async function castBallot(poll: Poll, { ballot, leaf }: Pick<Accepted, "ballot" | "leaf">): Promise<Bytes> {
  const url = `${poll.box.url}/polls/${poll.id}/ballots`;
  const answer = await post(url, ballot, { "Content-Type": "application/octet-stream" });
  const m = members(answer, "leaf_hash", "poll_id", "receipt");
  oneOf(m["leaf_hash"], hex(leaf));
  oneOf(m["poll_id"], poll.id);
  const receipt = fromB64u(string(m["receipt"]), 64);
  await verifyReceipt(poll, leaf, receipt);
  return receipt;
}

async function newVote(poll: Poll): Promise<Vote> {
  void askToPersist();
  return begin(poll.id, poll.threshold, await generateBallotKey());
}

async function askOne(poll: Poll, vote: Collecting | Asking, issuer: number, access: string): Promise<Vote> {
  const { url, tokenKey } = poll.issuers[issuer]!;
  try {
    const asking = vote.at === "asking" ? vote : await blinded(poll, issuer, await blind(tokenKey, tokenMessage(poll.idBytes, vote.key.point)));
    const next = asking.at === "asking" ? await ask(poll, asking, access) : asking;
    await forgetAccess(poll.id, url);
    return next;
  } catch (error) {
    if (error instanceof Refused && !error.passing) await forgetAccess(poll.id, url);
    throw error;
  }
}

async function blinded(poll: Poll, issuer: number, blinding: Asking["blinding"]): Promise<Vote> {
  return apply(poll.id, { event: "blinded", issuer, blinding });
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
