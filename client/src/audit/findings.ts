/** What an audit finds: numbered checks with stable ids, one verdict (protocol 9.2 and 9.3). */
import type { SeenHead } from "../protocol/catalogue.ts";
import type { Result } from "../protocol/statements.ts";
import type { Sentence } from "./sentences.ts";

/** The ids of protocol 9.2 in its order; the number of a check is its place, from 1. */
export const CHECK_IDS = [
  "manifest", "trust", "manifest-signatures", "parameters", "checkpoint", "tree", "consistency", "first-leaf", "closing",
  "ballots", "tokens", "ballot-signatures", "unique", "receipts", "result", "issuance", "other-polls", "witnesses", "catalogue",
  "opening", "client",
] as const;

export type CheckId = (typeof CHECK_IDS)[number];
export type Status = "PASS" | "FAIL" | "SKIPPED";
export type Verdict = "verified" | "failed" | "inconclusive";

export interface Finding {
  readonly number: number;
  readonly id: CheckId;
  readonly status: Status;
  readonly detail: Sentence;
  readonly faults: Faults;
  /** A skipped check that leaves a question open. */
  readonly leavesOpen: boolean;
}

export interface Report {
  readonly pollId: string;
  readonly findings: readonly Finding[];
  readonly verdict: Verdict;
  /** The recount, null where there could be none. */
  readonly recount: Result | null;
  /** The poll log's head, to be remembered; null unless it is signed, whole, and extends what was seen before. */
  readonly head: SeenHead | null;
}

const MAX_LISTED = 1000;

/** Offending records: how many, and the first of them. */
export interface Faults {
  readonly number: number;
  readonly listed: readonly Sentence[];
}

export const NO_FAULTS: Faults = { number: 0, listed: [] };

export function withFault(faults: Faults | undefined, ...sentences: readonly Sentence[]): Faults {
  const before = faults ?? NO_FAULTS;
  const room = Math.max(0, MAX_LISTED - before.number);
  return { number: before.number + sentences.length, listed: [...before.listed, ...sentences.slice(0, room)] };
}

/** A check failed. */
export class Failed extends Error {
  readonly detail: Sentence;
  readonly faults: Faults;

  constructor(detail: Sentence, faults: Faults = NO_FAULTS) {
    super(detail.join(" "));
    this.detail = detail;
    this.faults = faults;
  }
}

/** A check could not be done, or (where that leaves nothing open) need not be. */
export class Skipped extends Error {
  readonly detail: Sentence;
  readonly leavesOpen: boolean;

  constructor(detail: Sentence, options: { readonly leavesOpen: boolean } = { leavesOpen: true }) {
    super(detail.join(" "));
    this.detail = detail;
    this.leavesOpen = options.leavesOpen;
  }
}

/** Fail when there is a fault. */
export function none(faults: Faults | undefined): void {
  if (faults !== undefined && faults.number > 0) throw new Failed(["faults", faults.number], faults);
}

export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some((finding) => finding.status === "FAIL")) return "failed";
  return findings.some((finding) => finding.leavesOpen) ? "inconclusive" : "verified";
}
