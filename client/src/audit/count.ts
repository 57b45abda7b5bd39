/** The count from ballots (protocol 8.2), and the statement that it makes (8.3). */
import { type Bytes, hex } from "../crypto/bytes.ts";
import { NotOpened } from "../crypto/hpke.ts";
import type { Checkpoint } from "../crypto/note.ts";
import { type Answers, decodeAnswers, InvalidAnswers } from "../protocol/answers.ts";
import type { Ballot } from "../protocol/ballot.ts";
import { canonicalJson } from "../protocol/json.ts";
import type { Answer, Poll, Question } from "../protocol/manifest.ts";
import { openAnswers } from "../protocol/sealing.ts";
import type { QuestionResult, Result } from "../protocol/statements.ts";
import { runOff } from "./runOff.ts";

/** Ballots of one question by what they say (`saying`). */
type Given = Map<string, number>;

const ABSTENTION = "";

/** A count in the making. */
export class Tally {
  #valid = 0;
  #invalid = 0;
  readonly #poll: Poll;
  readonly #key: CryptoKey | null;
  readonly #given: ReadonlyMap<string, Given>;

  /** `key` opens the answers where the poll is sealed. */
  constructor(poll: Poll, key: CryptoKey | null) {
    this.#poll = poll;
    this.#key = key;
    this.#given = new Map(poll.questions.map((question) => [question.id, new Map()]));
  }

  /** Take in ballots, or (`by` -1) take them out again. */
  async take(ballots: readonly Ballot[], by: 1 | -1): Promise<void> {
    const answers = await Promise.all(ballots.map((ballot) => this.#read(ballot)));
    for (const one of answers) this.#take(one, by);
  }

  /** The answers of a ballot, null where they break 6.2 or do not open. */
  async #read(ballot: Ballot): Promise<Answers | null> {
    try {
      return decodeAnswers(this.#poll, this.#key === null ? ballot.answers : await openAnswers(this.#key, ballot));
    } catch (error) {
      if (error instanceof InvalidAnswers || error instanceof NotOpened) return null;
      throw error;
    }
  }

  #take(answers: Answers | null, ballots: number): void {
    if (answers === null) {
      this.#invalid += ballots;
      return;
    }
    this.#valid += ballots;
    for (const question of this.#poll.questions) {
      const given = this.#given.get(question.id)!;
      for (const said of saying(question, answers[question.id]!)) given.set(said, (given.get(said) ?? 0) + ballots);
    }
  }

  /** The count, under the checkpoint that it is of. */
  result(head: Checkpoint): Result {
    return {
      ballots: this.#valid + this.#invalid,
      valid: this.#valid,
      invalid: this.#invalid,
      held: this.#valid >= this.#poll.minimumParticipants,
      checkpoint: { size: head.size, root: hex(head.root) },
      questions: this.#poll.questions.map((question) => questionResult(question, this.#given.get(question.id)!)),
    };
  }
}

/** The result statement (8.3). */
export function resultStatement(poll: Poll, result: Result): Bytes {
  const { questions, ...numbers } = result;
  return canonicalJson({ ...numbers, format: "veche/result/v1", poll_id: poll.id, questions: questions.map(questionMembers) });
}

/** What an answer says: each option named, each option with its score, the whole order, or an abstention. */
function saying(question: Question, answer: Answer): readonly string[] {
  if (answer.length === 0) return [ABSTENTION];
  if (question.kind === "ranking") return [answer.join(" ")];
  return question.kind === "score" ? question.options.map(({ id }, at) => `${id} ${answer[at]}`) : answer.map(String);
}

function questionResult(question: Question, given: Given): QuestionResult {
  const options = question.options.map((option) => option.id);
  const number = (said: string): number => given.get(said) ?? 0;
  const counted = { id: question.id, abstentions: number(ABSTENTION) };
  switch (question.kind) {
    case "ranking": {
      const orders = [...given].filter(([order, ballots]) => order !== ABSTENTION && ballots > 0);
      return { ...counted, kind: "rounds", ...runOff(options, orders.map(([order, ballots]) => ({ order: order.split(" "), ballots }))) };
    }
    case "score": {
      const scores = new Map(options.map((option) => [option, scale(question).map((value) => number(`${option} ${value}`))]));
      const sums = new Map([...scores].map(([option, numbers]) => [option, numbers.reduce((sum, ballots, at) => sum + ballots * (question.min + at), 0)]));
      return { ...counted, kind: "scores", leading: highest(sums), scores, sums };
    }
    default: {
      const votes = new Map(options.map((option) => [option, number(option)]));
      return { ...counted, kind: "votes", leading: highest(votes), votes };
    }
  }
}

/** The values of a scale. */
function scale({ min, max }: Question): readonly number[] {
  return Array.from({ length: max - min + 1 }, (_, at) => min + at);
}

/** All that share the highest number, none when that is 0. */
function highest(numbers: ReadonlyMap<string, number>): readonly string[] {
  const most = Math.max(...numbers.values());
  return most === 0 ? [] : [...numbers].filter(([, number]) => number === most).map(([option]) => option);
}

function questionMembers(question: QuestionResult): object {
  const members = { abstentions: question.abstentions, id: question.id, leading: question.leading };
  switch (question.kind) {
    case "votes":
      return { ...members, options: [...question.votes].map(([id, votes]) => ({ id, votes })) };
    case "scores":
      return { ...members, options: [...question.scores].map(([id, scores]) => ({ id, scores, sum: question.sums.get(id)! })) };
    case "rounds":
      return {
        ...members,
        rounds: question.rounds.map(({ votes, exhausted, eliminated }) => ({
          eliminated, exhausted, options: [...votes].map(([id, number]) => ({ id, votes: number })),
        })),
      };
  }
}
