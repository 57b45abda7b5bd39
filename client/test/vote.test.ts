/** The states of a vote: what may follow what, whatever the order of events. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { advance, type Asking, type Event, type Vote } from "../src/voting/vote.ts";

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size }).map((array) => new Uint8Array(array));
const start: Asking = {
  at: "asking",
  pollId: "00".repeat(32),
  issuer: 0,
  key: { pkcs8: new Uint8Array(1), point: new Uint8Array(65) },
  blinding: { prepared: new Uint8Array(32), blinded: new Uint8Array(256), inverse: new Uint8Array(256) },
};
const issuance = { pseudonym: new Uint8Array(32), nonce: new Uint8Array(32), promise: new Uint8Array(64) };
const events: fc.Arbitrary<Event> = fc.oneof(
  bytes(4).map((signature): Event => ({ event: "token-received", token: { issuer: 0, prefix: new Uint8Array(32), signature }, issuance })),
  bytes(4).map((reply): Event => ({ event: "reply-faulty", reply })),
  fc.constantFrom("a", "b").map((option): Event => ({ event: "answered", question: "q", options: [option] })),
  bytes(4).map((ballot): Event => ({ event: "signed", ballot, leaf: ballot })),
  bytes(4).map((receipt): Event => ({ event: "receipt-received", receipt })),
);
const ORDER = { asking: 0, faulty: 1, answering: 1, sending: 2, cast: 3 } as const;

test("a vote never goes back, and what was signed or acknowledged never changes", () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 12 }), (all) => {
      let vote: Vote = start;
      for (const event of all) {
        const next = advance(vote, event);
        expect(ORDER[next.at]).toBeGreaterThanOrEqual(ORDER[vote.at]);
        if (vote.at === "sending" && (next.at === "sending" || next.at === "cast")) expect(next.ballot).toBe(vote.ballot);
        if (vote.at === "cast") expect(next).toBe(vote);
        if (vote.at === "faulty") expect(next).toBe(vote);
        expect(next.key).toBe(start.key);
        vote = next;
      }
    }),
  );
});

test("the way from the request to the receipt", () => {
  const steps: Event[] = [
    { event: "token-received", token: { issuer: 0, prefix: new Uint8Array(32), signature: new Uint8Array(256) }, issuance },
    { event: "answered", question: "q", options: ["a"] },
    { event: "signed", ballot: Uint8Array.of(1), leaf: Uint8Array.of(2) },
    { event: "receipt-received", receipt: Uint8Array.of(3) },
  ];
  const vote = steps.reduce<Vote>(advance, start);
  expect(vote.at).toBe("cast");
  expect("token" in vote || "answers" in vote || "blinding" in vote).toBe(false);
});
