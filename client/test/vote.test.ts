/** The states of a vote: what may follow what, whatever the order of events. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { advance, type Event, further, issuersLeft, receiptOf, type Vote } from "../src/voting/vote.ts";
import { blinding, events, issuance, key, start, token, votes } from "./votes.ts";

const ORDER = { collecting: 0, asking: 0, answering: 1, sending: 2, cast: 3 } as const;

test("a vote goes back only to be changed, and what was signed or acknowledged never changes", () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 20 }), (all) => {
      let vote: Vote = start;
      for (const event of all) {
        const next = advance(vote, event);
        if (vote.revision === next.revision) expect(ORDER[next.at]).toBeGreaterThanOrEqual(ORDER[vote.at]);
        else if (event.event === "changing") expect([vote.at, next.at, next.revision]).toEqual(["cast", "answering", vote.revision + 1]);
        else expect([event.event, vote.at, next.at, next.revision]).toEqual(["kept", "answering", "cast", vote.revision - 1]);
        if (vote.at === "sending" && (next.at === "sending" || next.at === "cast")) expect(next.ballot).toBe(vote.ballot);
        if (vote.at === "cast" && event.event !== "changing") expect(next).toBe(vote);
        if (vote.at === "asking" && next.at === "asking") expect(next.blinding).toBe(vote.blinding);
        const order = next.tokens.map((one) => one.issuer);
        expect(order).toEqual([...new Set(order)].sort());
        if (next.at !== "collecting" && next.at !== "asking") expect(next.tokens).toHaveLength(2);
        expect(next.key).toBe(key);
        vote = next;
      }
    }),
  );
});

test("the way from the request to the receipt, and to a changed vote", () => {
  const steps: Event[] = [
    { event: "blinded", issuer: 0, blinding },
    { event: "token-received", token: token(0), issuance },
    { event: "blinded", issuer: 1, blinding },
    { event: "token-received", token: token(1), issuance },
    { event: "answered", question: "q", answer: ["a"] },
    { event: "signed", ballot: Uint8Array.of(1), leaf: Uint8Array.of(2) },
    { event: "receipt-received", receipt: Uint8Array.of(3) },
  ];
  const vote = steps.reduce<Vote>(advance, start);
  expect(vote.at).toBe("cast");
  expect("answers" in vote || "blinding" in vote).toBe(false);
  const changed = advance(vote, { event: "changing" });
  expect([changed.at, changed.revision]).toEqual(["answering", 1]);
});

test("the receipt that was given stays until another one is, and whoever thinks better of a change has it back", () => {
  fc.assert(
    fc.property(votes, fc.array(events, { maxLength: 10 }), (vote, more) => {
      const given = receiptOf(vote);
      const later = more.reduce<Vote>(advance, vote);
      if (given !== null && later.revision <= vote.revision && later.at !== "cast") expect(receiptOf(later)).toEqual(given);
      if (given !== null) expect(receiptOf(later)).not.toBeNull();
      if (vote.at === "cast") expect(advance(advance(vote, { event: "changing" }), { event: "kept" })).toEqual(vote);
    }),
  );
});

test("issuers are asked in order, a faulty one is kept as evidence and not asked again", () => {
  expect(issuersLeft(start, 3)).toEqual([0, 1, 2]);
  const faulty = [{ event: "blinded", issuer: 0, blinding } as const, { event: "reply-faulty", reply: Uint8Array.of(9) } as const].reduce<Vote>(advance, start);
  expect(faulty.complaints).toHaveLength(1);
  if (faulty.at !== "collecting") throw new Error(faulty.at);
  expect(issuersLeft(faulty, 3)).toEqual([1, 2]);
  expect(issuersLeft(faulty, 2)).toEqual([]);
});

test("an issuer that was passed is asked last, and never lost for good", () => {
  const passed = [1, 0, 1].map((issuer): Event => ({ event: "passed", issuer })).reduce<Vote>(advance, start);
  if (passed.at !== "collecting") throw new Error(passed.at);
  expect(issuersLeft(passed, 4)).toEqual([2, 3, 0, 1]);
  expect(issuersLeft(passed, 2)).toEqual([0, 1]);
});

test("of two records of one vote the one that went further is kept, whichever comes first", () => {
  fc.assert(
    fc.property(votes, fc.array(events, { maxLength: 10 }), (vote, more) => {
      const later = more.reduce<Vote>(advance, vote);
      expect(further(vote, vote)).toBe(vote);
      const [one, other] = [further(vote, later)!, further(later, vote)!];
      expect([one.at, one.revision, one.tokens.length]).toEqual([other.at, other.revision, other.tokens.length]);
      expect(one.revision).toBe(Math.max(vote.revision, later.revision));
      expect(further(vote, { ...later, key: { ...key, point: new Uint8Array(65).fill(7) } })).toBeNull();
    }),
  );
});
