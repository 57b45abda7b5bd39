/** What the services sign: promise (5.3), receipt (6.5), result (8.3). */
import { type Bytes, concat, fromB64u, sha256 } from "../crypto/bytes.ts";
import { verifyEd25519 } from "../crypto/ed25519.ts";
import { leafHash } from "../crypto/merkle.ts";
import { boolean, canonicalJson, integer, list, members, oneOf, parseCanonical, string } from "./json.ts";
import { CANCELLATION, DECISION, ISSUED, PROMISE, RECEIPT, RESULT } from "./labels.ts";
import { type Poll, type Question, type Text, text } from "./manifest.ts";

export interface Issuance {
  readonly pseudonym: Bytes;
  readonly nonce: Bytes;
  readonly promise: Bytes;
}

/** The leaf that commits to one issuance (5.2). */
export async function issuanceLeaf(poll: Poll, issuance: Omit<Issuance, "promise">, blinded: Bytes): Promise<Bytes> {
  const request = await sha256(blinded);
  return concat(ISSUED, await sha256(ISSUED, poll.idBytes, issuance.pseudonym, issuance.nonce, request));
}

/** Throws InvalidSignature. */
export async function verifyPromise(poll: Poll, issuer: number, issuance: Issuance, blinded: Bytes): Promise<void> {
  const leaf = await leafHash(await issuanceLeaf(poll, issuance, blinded));
  await verifyEd25519(poll.issuers[issuer]!.statementKey, concat(PROMISE, poll.idBytes, leaf), issuance.promise);
}

/** Throws InvalidSignature. */
export async function verifyReceipt(poll: Poll, leaf: Bytes, receipt: Bytes): Promise<void> {
  await verifyEd25519(poll.box.statementKey, concat(RECEIPT, poll.idBytes, leaf), receipt);
}

/** What issuers say of a published poll (3.7): why it is cancelled, or what was decided. At least k of them sign. */
export async function openStatement(poll: Poll, kind: "cancellation" | "decision", bytes: Bytes): Promise<Text> {
  const m = members(parseCanonical(bytes), "signatures", "statement");
  const statement = members(m["statement"], "poll_id", "text");
  oneOf(statement["poll_id"], poll.id);
  const said = text(statement["text"], poll.languages, { length: 10_000, lines: true });
  const signed = concat(kind === "decision" ? DECISION : CANCELLATION, canonicalJson(statement));
  const signatures = list(m["signatures"], poll.threshold, poll.issuers.length);
  let before = -1;
  for (const one of signatures) {
    const signature = members(one, "issuer", "signature");
    const issuer = integer(signature["issuer"], before + 1, poll.issuers.length - 1);
    await verifyEd25519(poll.issuers[issuer]!.statementKey, signed, fromB64u(string(signature["signature"]), 64));
    before = issuer;
  }
  return said;
}

interface Counted {
  readonly id: string;
  readonly abstentions: number;
  readonly leading: readonly string[];
}

/** One round of a run-off: votes by option, ballots without a further choice, options that leave after it. */
export interface Round {
  readonly votes: ReadonlyMap<string, number>;
  readonly exhausted: number;
  readonly eliminated: readonly string[];
}

/** The count of one question, by its kind. */
export type QuestionResult =
  | (Counted & { readonly kind: "votes"; readonly votes: ReadonlyMap<string, number> })
  | (Counted & { readonly kind: "scores"; readonly scores: ReadonlyMap<string, readonly number[]>; readonly sums: ReadonlyMap<string, number> })
  | (Counted & { readonly kind: "rounds"; readonly rounds: readonly Round[] });

export interface Result {
  readonly ballots: number;
  readonly valid: number;
  readonly invalid: number;
  readonly held: boolean;
  readonly checkpoint: { readonly size: number; readonly root: string };
  readonly questions: readonly QuestionResult[];
}

/** A result whose signature is the box's. Throws InvalidSignature, Malformed. */
export async function openResult(poll: Poll, statement: Bytes, signature: Bytes): Promise<Result> {
  await verifyEd25519(poll.box.statementKey, concat(RESULT, statement), signature);
  const m = members(parseCanonical(statement), "ballots", "checkpoint", "format", "held", "invalid", "poll_id", "questions", "valid");
  oneOf(m["format"], "veche/result/v1");
  oneOf(m["poll_id"], poll.id);
  const checkpoint = members(m["checkpoint"], "root", "size");
  const counted = list(m["questions"], poll.questions.length, poll.questions.length);
  return {
    ballots: integer(m["ballots"], 0),
    valid: integer(m["valid"], 0),
    invalid: integer(m["invalid"], 0),
    held: boolean(m["held"]),
    checkpoint: { size: integer(checkpoint["size"], 0), root: string(checkpoint["root"], /^[0-9a-f]{64}$/) },
    questions: poll.questions.map((question, at) => questionResult(question, counted[at])),
  };
}

function questionResult(question: Question, value: unknown): QuestionResult {
  const numbers = question.kind === "ranking" ? "rounds" : "options";
  const m = members(value, "abstentions", "id", "leading", numbers);
  const counted = {
    id: oneOf(m["id"], question.id),
    abstentions: integer(m["abstentions"], 0),
    leading: list(m["leading"], 0, 100).map((id) => string(id)),
  };
  if (question.kind === "ranking") return { ...counted, kind: "rounds", rounds: list(m["rounds"], 1, 100).map(round) };
  if (question.kind !== "score") return { ...counted, kind: "votes", votes: votes(m["options"]) };
  const options = list(m["options"], 2, 100).map((one) => {
    const option = members(one, "id", "scores", "sum");
    const scores = list(option["scores"], 2, 11).map((number) => integer(number, 0));
    return { id: string(option["id"]), scores, sum: integer(option["sum"], 0) };
  });
  return {
    ...counted,
    kind: "scores",
    scores: new Map(options.map(({ id, scores }) => [id, scores])),
    sums: new Map(options.map(({ id, sum }) => [id, sum])),
  };
}

function round(value: unknown): Round {
  const m = members(value, "eliminated", "exhausted", "options");
  return {
    votes: votes(m["options"]),
    exhausted: integer(m["exhausted"], 0),
    eliminated: list(m["eliminated"], 0, 100).map((id) => string(id)),
  };
}

function votes(value: unknown): ReadonlyMap<string, number> {
  return new Map(
    list(value, 1, 100).map((one) => {
      const option = members(one, "id", "votes");
      return [string(option["id"]), integer(option["votes"], 0)] as const;
    }),
  );
}
