/** Votes in every state that events can bring about. */
import fc from "fast-check";
import { advance, begin, type Event, type Vote } from "../src/voting/vote.ts";

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size }).map((array) => new Uint8Array(array));
export const blinding = { prepared: new Uint8Array(32), blinded: new Uint8Array(256), inverse: new Uint8Array(256) };
export const key = { pkcs8: new Uint8Array(1), point: new Uint8Array(65) };
export const start = begin("00".repeat(32), 2, key);
export const token = (issuer: number) => ({ issuer, prefix: new Uint8Array(32), signature: new Uint8Array(256) });
export const issuance = { pseudonym: new Uint8Array(32), nonce: new Uint8Array(32), promise: new Uint8Array(64) };
const issuers = fc.integer({ min: 0, max: 3 });
export const events: fc.Arbitrary<Event> = fc.oneof(
  issuers.map((issuer): Event => ({ event: "blinded", issuer, blinding })),
  issuers.map((issuer): Event => ({ event: "token-received", token: token(issuer), issuance })),
  issuers.map((issuer): Event => ({ event: "passed", issuer })),
  bytes(4).map((reply): Event => ({ event: "reply-faulty", reply })),
  fc.constantFrom("a", "b").map((option): Event => ({ event: "answered", question: "q", answer: [option] })),
  bytes(4).map((ballot): Event => ({ event: "signed", ballot, leaf: ballot })),
  bytes(4).map((receipt): Event => ({ event: "receipt-received", receipt })),
  fc.constantFrom<Event>({ event: "changing" }, { event: "kept" }),
);
export const votes: fc.Arbitrary<Vote> = fc.array(events, { maxLength: 20 }).map((all) => all.reduce<Vote>(advance, start));
