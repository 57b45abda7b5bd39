/** Votes as a file that their owner keeps (protocol 12): every state, strictly read back, all files of one size. */
import { type Bytes, b64u, fromB64u, fromHex } from "../crypto/bytes.ts";
import type { Answers } from "../protocol/answers.ts";
import type { Token } from "../protocol/ballot.ts";
import { canonicalJson, integer, list, Malformed, members, type Members, oneOf, parseCanonical, string, unique } from "../protocol/json.ts";
import type { Answer } from "../protocol/manifest.ts";
import type { Accepted, Complaint, Vote } from "./vote.ts";

const FORMAT = "veche/votes/v1";
/** Sizes are multiples of this, so that they do not tell how many votes there are and how far they are. */
const UNIT = 16_384;
const KEPT = ["at", "complaints", "issuances", "key", "passed", "poll_id", "revision", "threshold", "tokens"] as const;
const MAX_ISSUERS = 16;

export function encodeVotes(votes: readonly Vote[]): Bytes {
  const bare = { format: FORMAT, padding: "", votes: votes.map(encode) };
  const { length } = canonicalJson(bare);
  return canonicalJson({ ...bare, padding: " ".repeat(Math.ceil(length / UNIT) * UNIT - length) });
}

/** Throws Malformed, EncodingRefused. */
export function decodeVotes(file: Bytes): readonly Vote[] {
  const m = members(parseCanonical(file), "format", "padding", "votes");
  oneOf(m["format"], FORMAT);
  string(m["padding"], /^ *$/);
  const votes = list(m["votes"], 0, 1000).map(decode);
  unique(votes.map((vote) => vote.pollId), "poll");
  return votes;
}

const blindingMembers = ({ prepared, blinded, inverse }: Complaint["blinding"]): object => ({
  blinded: b64u(blinded),
  inverse: b64u(inverse),
  prepared: b64u(prepared),
});

const acceptedMembers = ({ ballot, leaf, receipt }: Accepted): object => ({ ballot: b64u(ballot), leaf: b64u(leaf), receipt: b64u(receipt) });
const standsMember = (stands: Accepted | null): object | null => (stands === null ? null : acceptedMembers(stands));

function encode(vote: Vote): object {
  const kept = {
    at: vote.at,
    complaints: vote.complaints.map(({ issuer, blinding, reply }) => ({ blinding: blindingMembers(blinding), issuer, reply: b64u(reply) })),
    issuances: vote.issuances.map(({ issuer, nonce, promise, pseudonym }) => ({
      issuer,
      nonce: b64u(nonce),
      promise: b64u(promise),
      pseudonym: b64u(pseudonym),
    })),
    key: { pkcs8: b64u(vote.key.pkcs8), point: b64u(vote.key.point) },
    passed: vote.passed,
    poll_id: vote.pollId,
    revision: vote.revision,
    threshold: vote.threshold,
    tokens: vote.tokens.map(({ issuer, prefix, signature }) => ({ issuer, prefix: b64u(prefix), signature: b64u(signature) })),
  };
  switch (vote.at) {
    case "collecting":
      return kept;
    case "asking":
      return { ...kept, blinding: blindingMembers(vote.blinding), issuer: vote.issuer };
    case "answering":
      return { ...kept, answers: vote.answers, stands: standsMember(vote.stands) };
    case "sending":
      return { ...kept, ballot: b64u(vote.ballot), leaf: b64u(vote.leaf), stands: standsMember(vote.stands) };
    case "cast":
      return { ...kept, ...acceptedMembers(vote) };
  }
}

function decode(value: unknown): Vote {
  const at = oneOf((value as Members | null)?.["at"], "collecting", "asking", "answering", "sending", "cast");
  switch (at) {
    case "collecting":
      return { at, ...kept(members(value, ...KEPT)) };
    case "asking": {
      const m = members(value, ...KEPT, "blinding", "issuer");
      return { at, ...kept(m), blinding: blinding(m["blinding"]), issuer: issuer(m["issuer"]) };
    }
    case "answering": {
      const m = members(value, ...KEPT, "answers", "stands");
      return { at, ...kept(m), answers: answers(m["answers"]), stands: stands(m["stands"]) };
    }
    case "sending": {
      const m = members(value, ...KEPT, "ballot", "leaf", "stands");
      return { at, ...kept(m), ballot: bytes(m["ballot"]), leaf: bytes(m["leaf"], 32), stands: stands(m["stands"]) };
    }
    case "cast": {
      const m = members(value, ...KEPT, "ballot", "leaf", "receipt");
      return { at, ...kept(m), ...accepted(m) };
    }
  }
}

function kept(m: Members) {
  const pollId = string(m["poll_id"]);
  fromHex(pollId, 32);
  const key = members(m["key"], "pkcs8", "point");
  return {
    pollId,
    threshold: integer(m["threshold"], 1, MAX_ISSUERS),
    revision: integer(m["revision"], 0),
    key: { pkcs8: bytes(key["pkcs8"]), point: bytes(key["point"], 65) },
    tokens: list(m["tokens"], 0, MAX_ISSUERS).map(token),
    issuances: list(m["issuances"], 0, MAX_ISSUERS).map(issuance),
    complaints: list(m["complaints"], 0, MAX_ISSUERS).map(complaint),
    passed: list(m["passed"], 0, MAX_ISSUERS).map(issuer),
  };
}

function accepted(m: Members): Accepted {
  return { ballot: bytes(m["ballot"]), leaf: bytes(m["leaf"], 32), receipt: bytes(m["receipt"], 64) };
}

function stands(value: unknown): Accepted | null {
  return value === null ? null : accepted(members(value, "ballot", "leaf", "receipt"));
}

function token(value: unknown): Token {
  const m = members(value, "issuer", "prefix", "signature");
  return { issuer: issuer(m["issuer"]), prefix: bytes(m["prefix"], 32), signature: bytes(m["signature"]) };
}

function issuance(value: unknown): Vote["issuances"][number] {
  const m = members(value, "issuer", "nonce", "promise", "pseudonym");
  return {
    issuer: issuer(m["issuer"]),
    nonce: bytes(m["nonce"], 32),
    promise: bytes(m["promise"], 64),
    pseudonym: bytes(m["pseudonym"], 32),
  };
}

function complaint(value: unknown): Complaint {
  const m = members(value, "blinding", "issuer", "reply");
  return { blinding: blinding(m["blinding"]), issuer: issuer(m["issuer"]), reply: bytes(m["reply"]) };
}

function blinding(value: unknown): Complaint["blinding"] {
  const m = members(value, "blinded", "inverse", "prepared");
  return { prepared: bytes(m["prepared"]), blinded: bytes(m["blinded"]), inverse: bytes(m["inverse"]) };
}

function answers(value: unknown): Answers {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Malformed("not answers");
  return Object.fromEntries(
    Object.entries(value).map(([question, given]) => {
      const parts = list(given, 0, 100);
      const scores = parts.every((part) => typeof part === "number");
      return [question, (scores ? parts.map((part) => integer(part, 0, 10)) : parts.map((part) => string(part))) as Answer];
    }),
  );
}

function issuer(value: unknown): number {
  return integer(value, 0, MAX_ISSUERS - 1);
}

function bytes(value: unknown, size?: number): Bytes {
  return fromB64u(string(value), size);
}
