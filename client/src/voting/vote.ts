/** One resident's vote in one poll: a state, and the only ways from one to the next. */
import { type Bytes, equal } from "../crypto/bytes.ts";
import type { BallotKey } from "../crypto/ballotKey.ts";
import type { Blinding } from "../crypto/blindToken.ts";
import type { Answers } from "../protocol/answers.ts";
import type { Token } from "../protocol/ballot.ts";
import type { Answer } from "../protocol/manifest.ts";
import type { Issuance } from "../protocol/statements.ts";

/** An issuer's reply that does not finalize: kept as evidence, nothing of it is used again. */
export interface Complaint {
  readonly issuer: number;
  readonly blinding: Blinding;
  readonly reply: Bytes;
}

interface Kept {
  readonly pollId: string;
  readonly threshold: number;
  readonly revision: number;
  readonly key: BallotKey;
  /** Ascending by issuer. */
  readonly tokens: readonly Token[];
  readonly issuances: readonly (Issuance & { readonly issuer: number })[];
  readonly complaints: readonly Complaint[];
  /** Issuers that are asked last: a resident would rather do without them, the latest such wish at the end. */
  readonly passed: readonly number[];
}

/** Tokens are missing and no request is under way. */
export interface Collecting extends Kept {
  readonly at: "collecting";
}

/** Key and blinding are written down; the issuer is asked with these bytes and no others. */
export interface Asking extends Kept {
  readonly at: "asking";
  readonly issuer: number;
  readonly blinding: Blinding;
}

/** A ballot, and the box's receipt for it. */
export interface Accepted {
  readonly ballot: Bytes;
  readonly leaf: Bytes;
  readonly receipt: Bytes;
}

/** All tokens are here; answers stay on this device. */
export interface Answering extends Kept {
  readonly at: "answering";
  readonly answers: Answers;
  /** Of a vote that is being changed: the ballot that counts until the new one is accepted. */
  readonly stands: Accepted | null;
}

/** The ballot is signed and not yet acknowledged; it is sent with these bytes and no others. */
export interface Sending extends Kept {
  readonly at: "sending";
  readonly ballot: Bytes;
  readonly leaf: Bytes;
  readonly stands: Accepted | null;
}

/** The box has given its receipt. */
export interface Cast extends Kept, Accepted {
  readonly at: "cast";
}

export type Vote = Collecting | Asking | Answering | Sending | Cast;

export type Event =
  | { readonly event: "blinded"; readonly issuer: number; readonly blinding: Blinding }
  | { readonly event: "token-received"; readonly token: Token; readonly issuance: Issuance }
  | { readonly event: "reply-faulty"; readonly reply: Bytes }
  | { readonly event: "passed"; readonly issuer: number }
  | { readonly event: "answered"; readonly question: string; readonly answer: Answer }
  | { readonly event: "signed"; readonly ballot: Bytes; readonly leaf: Bytes }
  | { readonly event: "receipt-received"; readonly receipt: Bytes }
  | { readonly event: "changing" }
  | { readonly event: "kept" };

/** A vote that has a key and nothing else. */
export function begin(pollId: string, threshold: number, key: BallotKey): Collecting {
  return { at: "collecting", pollId, threshold, revision: 0, key, tokens: [], issuances: [], complaints: [], passed: [] };
}

/** The issuers that can be asked, in the order of the manifest, those that were passed last; none when too few answered rightly. */
export function issuersLeft(vote: Collecting | Asking, issuers: number): readonly number[] {
  if (vote.at === "asking") return [vote.issuer];
  const done = new Set([...vote.complaints, ...vote.tokens].map((one) => one.issuer));
  const left = Array.from({ length: issuers }, (_, issuer) => issuer).filter((issuer) => !done.has(issuer));
  const wish = (issuer: number): number => vote.passed.indexOf(issuer);
  return vote.tokens.length + left.length < vote.threshold ? [] : left.sort((one, other) => wish(one) - wish(other));
}

/** The vote after an event. An event that does not belong to the state changes nothing: repeats are harmless. */
export function advance(vote: Vote, event: Event): Vote {
  switch (event.event) {
    case "blinded":
      return vote.at === "collecting" ? { ...vote, at: "asking", issuer: event.issuer, blinding: event.blinding } : vote;
    case "token-received":
      return vote.at === "asking" && vote.issuer === event.token.issuer ? withToken(vote, event.token, event.issuance) : vote;
    case "reply-faulty": {
      if (vote.at !== "asking") return vote;
      const { issuer, blinding, ...kept } = vote;
      const complaint = { issuer, blinding, reply: event.reply };
      return { ...kept, at: "collecting", complaints: [...vote.complaints, complaint] };
    }
    case "passed": {
      if (vote.at !== "collecting" && (vote.at !== "asking" || vote.issuer !== event.issuer)) return vote;
      return { ...collecting(vote), passed: [...vote.passed.filter((issuer) => issuer !== event.issuer), event.issuer] };
    }
    case "answered":
      if (vote.at !== "answering") return vote;
      return { ...vote, answers: { ...vote.answers, [event.question]: event.answer } };
    case "signed": {
      if (vote.at !== "answering") return vote;
      const { answers: _, ...kept } = vote;
      return { ...kept, at: "sending", ballot: event.ballot, leaf: event.leaf };
    }
    case "receipt-received": {
      if (vote.at !== "sending") return vote;
      const { stands: _, ...kept } = vote;
      return { ...kept, at: "cast", receipt: event.receipt };
    }
    case "changing": {
      if (vote.at !== "cast") return vote;
      const { ballot, leaf, receipt, ...kept } = vote;
      return { ...kept, at: "answering", revision: vote.revision + 1, answers: {}, stands: { ballot, leaf, receipt } };
    }
    case "kept": {
      if (vote.at !== "answering" || vote.stands === null) return vote;
      const { answers: _, stands, ...kept } = vote;
      return { ...kept, at: "cast", revision: vote.revision - 1, ...stands };
    }
  }
}

/** The ballot that the box has acknowledged and that counts now; null while there is none. */
export function receiptOf(vote: Vote | undefined): Accepted | null {
  if (vote?.at === "cast") return { ballot: vote.ballot, leaf: vote.leaf, receipt: vote.receipt };
  return vote?.at === "answering" || vote?.at === "sending" ? vote.stands : null;
}

const ORDER = { collecting: 0, asking: 0, answering: 1, sending: 2, cast: 3 } as const;

/** Of two records under one key the one that went further, `here` when neither did; null when the keys differ. */
export function further(here: Vote, there: Vote): Vote | null {
  if (!equal(here.key.point, there.key.point)) return null;
  const way = (vote: Vote): readonly number[] => [vote.revision, ORDER[vote.at], vote.tokens.length, vote.at === "asking" ? 1 : 0];
  const [mine, theirs] = [way(here), way(there)];
  const at = mine.findIndex((step, place) => step !== theirs[place]);
  return at >= 0 && theirs[at]! > mine[at]! ? there : here;
}

function withToken(vote: Asking, token: Token, issuance: Issuance): Vote {
  const tokens = [...vote.tokens, token].sort((left, right) => left.issuer - right.issuer);
  const issuances = [...vote.issuances, { ...issuance, issuer: token.issuer }];
  const kept = { ...collecting(vote), tokens, issuances };
  return tokens.length < vote.threshold ? kept : { ...kept, at: "answering", answers: {}, stands: null };
}

function collecting(vote: Collecting | Asking): Collecting {
  if (vote.at === "collecting") return vote;
  const { issuer: _issuer, blinding: _blinding, ...kept } = vote;
  return { ...kept, at: "collecting" };
}
