/** The answers field of a ballot (protocol 6.2). */
import { type Bytes, concat, utf8 } from "../crypto/bytes.ts";
import { canonicalJson, integer, list, Malformed, members, parseCanonical, string } from "./json.ts";
import { type Answer, plaintextSize, type Poll, type Question } from "./manifest.ts";

/** By question id. */
export type Answers = Readonly<Record<string, Answer>>;

export class InvalidAnswers extends Error {}

/** Answers in the clear, padded to one size, so that no length tells of them. Throws InvalidAnswers. */
export function encodeAnswers(poll: Poll, answers: Answers): Bytes {
  const json = canonicalJson(answers);
  const field = concat(json, utf8(" ".repeat(Math.max(0, plaintextSize(poll) - json.length))));
  decodeAnswers(poll, field);
  return field;
}

/** Throws InvalidAnswers. */
export function decodeAnswers(poll: Poll, field: Bytes): Answers {
  if (field.length !== plaintextSize(poll)) throw new InvalidAnswers("not of the size the manifest gives");
  let end = field.length;
  while (end > 0 && field[end - 1] === 0x20) end -= 1;
  try {
    const m = members(parseCanonical(field.slice(0, end)), ...poll.questions.map((question) => question.id));
    return Object.fromEntries(poll.questions.map((question) => [question.id, answer(question, m[question.id])]));
  } catch (error) {
    throw error instanceof InvalidAnswers ? error : new InvalidAnswers("not the answers of this poll", { cause: error });
  }
}

/** Whether this answer may stand for this question. */
export function allowed(question: Question, chosen: Answer): boolean {
  if (chosen.length === 0) return question.abstention;
  if (question.kind === "score") return chosen.length === question.options.length;
  return chosen.length >= question.min && chosen.length <= question.max;
}

/** Chosen options in the manifest's order. */
export function inOrder(question: Question, chosen: ReadonlySet<string>): readonly string[] {
  return question.options.map((option) => option.id).filter((id) => chosen.has(id));
}

function answer(question: Question, value: unknown): Answer {
  const given = list(value, 0, question.options.length);
  const read = question.kind === "score" ? given.map((score) => integer(score, question.min, question.max)) : named(question, given);
  if (!allowed(question, read)) throw new InvalidAnswers("too few or too many");
  return read;
}

function named(question: Question, given: readonly unknown[]): readonly string[] {
  const ids = given.map((id) => string(id));
  const sorted = inOrder(question, new Set(ids));
  if (sorted.length !== ids.length) throw new Malformed("unknown or repeated");
  if (question.kind !== "ranking" && ids.join() !== sorted.join()) throw new Malformed("out of order");
  return ids;
}
