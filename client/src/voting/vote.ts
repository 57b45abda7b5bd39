/** One resident's vote in one poll: a state, and the only ways from one to the next. */
import type { Bytes } from "../crypto/bytes.ts";
import type { BallotKey } from "../crypto/ballotKey.ts";
import type { Blinding } from "../crypto/blindToken.ts";
import type { Answers } from "../protocol/answers.ts";
import type { Token } from "../protocol/ballot.ts";
import type { Issuance } from "../protocol/statements.ts";

interface Kept {
  readonly pollId: string;
  readonly issuer: number;
  readonly key: BallotKey;
}

/** Key and blinding are written down; the token is asked for with these bytes and no others. */
export interface Asking extends Kept {
  readonly at: "asking";
  readonly blinding: Blinding;
}

/** The issuer's reply did not finalize, twice. It stays as evidence; nothing of it is used again. */
export interface Faulty extends Kept {
  readonly at: "faulty";
  readonly blinding: Blinding;
  readonly reply: Bytes;
}

/** The token is here; answers stay on this device. */
export interface Answering extends Kept {
  readonly at: "answering";
  readonly token: Token;
  readonly issuance: Issuance;
  readonly answers: Answers;
}

/** The ballot is signed and not yet acknowledged; it is sent with these bytes and no others. */
export interface Sending extends Kept {
  readonly at: "sending";
  readonly issuance: Issuance;
  readonly ballot: Bytes;
  readonly leaf: Bytes;
}

/** The box has given its receipt. */
export interface Cast extends Omit<Sending, "at"> {
  readonly at: "cast";
  readonly receipt: Bytes;
}

export type Vote = Asking | Faulty | Answering | Sending | Cast;

export type Event =
  | { readonly event: "token-received"; readonly token: Token; readonly issuance: Issuance }
  | { readonly event: "reply-faulty"; readonly reply: Bytes }
  | { readonly event: "answered"; readonly question: string; readonly options: readonly string[] }
  | { readonly event: "signed"; readonly ballot: Bytes; readonly leaf: Bytes }
  | { readonly event: "receipt-received"; readonly receipt: Bytes };

/** The vote after an event. An event that does not belong to the state changes nothing: repeats are harmless. */
export function advance(vote: Vote, event: Event): Vote {
  switch (event.event) {
    case "token-received": {
      if (vote.at !== "asking") return vote;
      const { blinding: _, ...kept } = vote;
      return { ...kept, at: "answering", token: event.token, issuance: event.issuance, answers: {} };
    }
    case "reply-faulty":
      return vote.at === "asking" ? { ...vote, at: "faulty", reply: event.reply } : vote;
    case "answered":
      if (vote.at !== "answering") return vote;
      return { ...vote, answers: { ...vote.answers, [event.question]: event.options } };
    case "signed": {
      if (vote.at !== "answering") return vote;
      const { token: _token, answers: _answers, ...kept } = vote;
      return { ...kept, at: "sending", ballot: event.ballot, leaf: event.leaf };
    }
    case "receipt-received":
      return vote.at === "sending" ? { ...vote, at: "cast", receipt: event.receipt } : vote;
  }
}
