/** The states of a vote: what may follow what, whatever the order of events. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { advance, begin, type Event, nextIssuer, type Vote } from "../src/voting/vote.ts";

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size }).map((array) => new Uint8Array(array));
const blinding = { prepared: new Uint8Array(32), blinded: new Uint8Array(256), inverse: new Uint8Array(256) };
const key = { pkcs8: new Uint8Array(1), point: new Uint8Array(65) };
const start = begin("00".repeat(32), 2, key);
const token = (issuer: number) => ({ issuer, prefix: new Uint8Array(32), signature: new Uint8Array(256) });
const issuance = { pseudonym: new Uint8Array(32), nonce: new Uint8Array(32), promise: new Uint8Array(64) };
const issuers = fc.integer({ min: 0, max: 3 });
const events: fc.Arbitrary<Event> = fc.oneof(
  issuers.map((issuer): Event => ({ event: "blinded", issuer, blinding })),
  issuers.map((issuer): Event => ({ event: "token-received", token: token(issuer), issuance })),
  issuers.map((issuer): Event => ({ event: "passed", issuer })),
  bytes(4).map((reply): Event => ({ event: "reply-faulty", reply })),
  fc.constantFrom("a", "b").map((option): Event => ({ event: "answered", question: "q", answer: [option] })),
  bytes(4).map((ballot): Event => ({ event: "signed", ballot, leaf: ballot })),
  bytes(4).map((receipt): Event => ({ event: "receipt-received", receipt })),
  fc.constant<Event>({ event: "changing" }),
);
const ORDER = { collecting: 0, asking: 0, answering: 1, sending: 2, cast: 3 } as const;

test("a vote goes back only to be changed, and what was signed or acknowledged never changes", () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 20 }), (all) => {
      let vote: Vote = start;
      for (const event of all) {
        const next = advance(vote, event);
        if (vote.revision === next.revision) expect(ORDER[next.at]).toBeGreaterThanOrEqual(ORDER[vote.at]);
        else expect([vote.at, next.at, next.revision]).toEqual(["cast", "answering", vote.revision + 1]);
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

test("issuers are asked in order, a faulty one is kept as evidence and not asked again", () => {
  expect(nextIssuer(start, 3)).toBe(0);
  const faulty = [{ event: "blinded", issuer: 0, blinding } as const, { event: "reply-faulty", reply: Uint8Array.of(9) } as const].reduce<Vote>(advance, start);
  expect(faulty.complaints).toHaveLength(1);
  if (faulty.at !== "collecting") throw new Error(faulty.at);
  expect(nextIssuer(faulty, 3)).toBe(1);
  expect(nextIssuer(faulty, 2)).toBeNull();
});
