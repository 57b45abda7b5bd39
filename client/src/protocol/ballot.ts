/** The ballot's byte layout and its verification (protocol section 6). */
import { type Bytes, concat, equal, hex, uint } from "../crypto/bytes.ts";
import { importTokenKey } from "../crypto/tokenKey.ts";
import { type Answers, decodeAnswers } from "./answers.ts";
import { BALLOT, BALLOT_SIGNATURE, TOKEN } from "./labels.ts";
import type { Poll } from "./manifest.ts";

export interface Token {
  readonly issuer: number;
  readonly prefix: Bytes;
  readonly signature: Bytes;
}

export interface Ballot {
  readonly pollId: Bytes;
  readonly ballotKey: Bytes;
  readonly revision: number;
  readonly tokens: readonly Token[];
  readonly answers: Bytes;
  readonly signature: Bytes;
}

/** A refusal by the slugs of protocol section 10. */
export class BallotRefused extends Error {
  readonly slug: "ballot-malformed" | "token-invalid" | "ballot-signature-invalid" | "answers-invalid";

  constructor(slug: BallotRefused["slug"]) {
    super(slug);
    this.slug = slug;
  }
}

const HALF_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n / 2n;

/** What a token signs (4.3), before the prefix. */
export function tokenMessage(pollId: Uint8Array, ballotKey: Uint8Array): Bytes {
  return concat(TOKEN, pollId, ballotKey);
}

/** All bytes before the signature. */
export function signedPart(
  poll: Poll,
  ballotKey: Uint8Array,
  revision: number,
  tokens: readonly Token[],
  answers: Uint8Array,
): Bytes {
  return part({ pollId: poll.idBytes, ballotKey, revision, tokens, answers });
}

/** What the ballot key signs, given `signedPart`. */
export function signatureMessage(signed: Uint8Array): Bytes {
  return concat(BALLOT_SIGNATURE, signed);
}

/** Decode strictly. Throws BallotRefused. */
export function decodeBallot(bytes: Bytes): Ballot {
  if (bytes.length > 16_384) throw new BallotRefused("ballot-malformed");
  const reader = new Reader(bytes);
  const label = reader.take(BALLOT.length);
  const pollId = reader.take(32);
  const ballotKey = reader.take(65);
  const revision = reader.integer(4);
  const inner = new Reader(reader.take(reader.integer(2)));
  const tokens: Token[] = [];
  while (inner.left > 0) {
    tokens.push({ issuer: inner.integer(1), prefix: inner.take(32), signature: inner.take(inner.integer(2)) });
  }
  const ballot = { pollId, ballotKey, revision, tokens, answers: reader.take(reader.integer(2)), signature: reader.take(64) };
  const sizes = tokens.every(({ signature }) => signature.length >= 256 && signature.length <= 512);
  const whole = equal(label, BALLOT) && sizes && equal(concat(part(ballot), ballot.signature), bytes);
  if (!whole || tokens.length === 0 || ballot.answers.length === 0) throw new BallotRefused("ballot-malformed");
  return ballot;
}

/** Everything that a box asks of a ballot; its answers, null where they are sealed. Throws BallotRefused. */
export async function verifyBallot(poll: Poll, bytes: Bytes): Promise<Answers | null> {
  const ballot = readBallot(poll, bytes);
  await verifyTokens(poll, await tokenKeys(poll), ballot);
  await verifySignature(ballot, bytes);
  if (poll.sealing !== null) return null;
  try {
    return decodeAnswers(poll, ballot.answers);
  } catch {
    throw new BallotRefused("answers-invalid");
  }
}

/** Decode a ballot of this poll. Throws BallotRefused. */
export function readBallot(poll: Poll, bytes: Bytes): Ballot {
  const ballot = decodeBallot(bytes);
  const revised = ballot.revision === 0 || poll.revoting;
  const mine = equal(ballot.pollId, poll.idBytes) && revised && ballot.answers.length === poll.answerSize;
  if (!mine) throw new BallotRefused("ballot-malformed");
  return ballot;
}

/** The keys that tokens of a poll verify under, by issuer. */
export function tokenKeys(poll: Poll): Promise<readonly CryptoKey[]> {
  return Promise.all(poll.issuers.map((issuer) => importTokenKey(issuer.tokenKey)));
}

/** Exactly k tokens, ascending by issuer, each valid. Throws BallotRefused. */
export async function verifyTokens(poll: Poll, keys: readonly CryptoKey[], ballot: Ballot): Promise<void> {
  const issuers = ballot.tokens.map((token) => token.issuer);
  const ascending = issuers.every((issuer, at) => at === 0 || issuer > issuers[at - 1]!);
  if (issuers.length !== poll.threshold || !ascending) throw new BallotRefused("token-invalid");
  const message = tokenMessage(ballot.pollId, ballot.ballotKey);
  for (const token of ballot.tokens) {
    const key = keys[token.issuer];
    if (key === undefined) throw new BallotRefused("token-invalid");
    const pss = { name: "RSA-PSS", saltLength: 48 };
    if (!(await crypto.subtle.verify(pss, key, token.signature, concat(token.prefix, message)))) {
      throw new BallotRefused("token-invalid");
    }
  }
}

/** Throws BallotRefused. */
export async function verifySignature(ballot: Ballot, bytes: Bytes): Promise<void> {
  const lowS = BigInt(`0x${hex(ballot.signature.slice(32))}`) <= HALF_ORDER;
  if (!lowS || !(await verifies(ballot, bytes))) throw new BallotRefused("ballot-signature-invalid");
}

async function verifies(ballot: Ballot, bytes: Bytes): Promise<boolean> {
  try {
    const curve = { name: "ECDSA", namedCurve: "P-256" };
    const key = await crypto.subtle.importKey("raw", ballot.ballotKey, curve, false, ["verify"]);
    const message = signatureMessage(bytes.slice(0, -64));
    return await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, ballot.signature, message);
  } catch {
    return false;
  }
}

function part(ballot: Omit<Ballot, "signature" | "pollId" | "ballotKey" | "answers"> & {
  readonly pollId: Uint8Array;
  readonly ballotKey: Uint8Array;
  readonly answers: Uint8Array;
}): Bytes {
  const tokens = concat(
    ...ballot.tokens.map(({ issuer, prefix, signature }) =>
      concat(uint(1, issuer), prefix, uint(2, signature.length), signature),
    ),
  );
  return concat(
    BALLOT, ballot.pollId, ballot.ballotKey, uint(4, ballot.revision),
    uint(2, tokens.length), tokens, uint(2, ballot.answers.length), ballot.answers,
  );
}

class Reader {
  #at = 0;
  readonly #bytes: Bytes;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(size: number): Bytes {
    if (size > this.left) throw new BallotRefused("ballot-malformed");
    this.#at += size;
    return this.#bytes.slice(this.#at - size, this.#at);
  }

  integer(size: number): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }
}
