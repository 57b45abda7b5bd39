/** The answers field of a ballot (protocol 6.2). */
import { type Bytes, concat, utf8 } from "../crypto/bytes.ts";
import { canonicalJson, list, Malformed, members, parseCanonical, string } from "./json.ts";
import type { Poll, Question } from "./manifest.ts";

/** Question id -> option ids in the manifest's order; empty: an abstention. */
export type Answers = Readonly<Record<string, readonly string[]>>;

export class InvalidAnswers extends Error {}

/** Answers as exactly `answer_size` bytes, so that no length tells of them. Throws InvalidAnswers. */
export function encodeAnswers(poll: Poll, answers: Answers): Bytes {
  const json = canonicalJson(answers);
  const field = concat(json, utf8(" ".repeat(Math.max(0, poll.answerSize - json.length))));
  decodeAnswers(poll, field);
  return field;
}

/** Throws InvalidAnswers. */
export function decodeAnswers(poll: Poll, field: Bytes): Answers {
  if (field.length !== poll.answerSize) throw new InvalidAnswers("not of the size the manifest gives");
  let end = field.length;
  while (end > 0 && field[end - 1] === 0x20) end -= 1;
  try {
    const m = members(parseCanonical(field.slice(0, end)), ...poll.questions.map((question) => question.id));
    return Object.fromEntries(poll.questions.map((question) => [question.id, named(question, m[question.id])]));
  } catch (error) {
    throw error instanceof InvalidAnswers ? error : new InvalidAnswers("not the answers of this poll", { cause: error });
  }
}

/** Whether this choice may stand for this question. */
export function allowed(question: Question, chosen: readonly string[]): boolean {
  if (chosen.length === 0) return question.abstention;
  return chosen.length >= question.min && chosen.length <= question.max;
}

/** Chosen options in the manifest's order. */
export function inOrder(question: Question, chosen: ReadonlySet<string>): readonly string[] {
  return question.options.map((option) => option.id).filter((id) => chosen.has(id));
}

function named(question: Question, value: unknown): readonly string[] {
  const ids = list(value, 0, question.options.length).map((id) => string(id));
  if (ids.join() !== inOrder(question, new Set(ids)).join()) throw new Malformed("unknown, repeated or out of order");
  if (!allowed(question, ids)) throw new InvalidAnswers("too few or too many options");
  return ids;
}
