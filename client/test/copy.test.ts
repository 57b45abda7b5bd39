/** What a resident keeps: votes in every state, the file, the passphrase. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { NotOpened, makeLock, open, seal } from "../src/crypto/passphrase.ts";
import { decodeVotes, encodeVotes } from "../src/voting/copy.ts";
import type { Vote } from "../src/voting/vote.ts";
import { votes } from "./votes.ts";

/** Stretching a passphrase is meant to take its time. */
const SLOWLY = 30_000;
const utf8 = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
const accepted = { ballot: new Uint8Array(4), leaf: new Uint8Array(32), receipt: new Uint8Array(64) };
const full = (vote: Vote): Vote => {
  if (vote.at === "cast") return { ...vote, ...accepted };
  if (vote.at !== "answering" && vote.at !== "sending") return vote;
  const stands = vote.stands === null ? null : accepted;
  return vote.at === "sending" ? { ...vote, leaf: accepted.leaf, stands } : { ...vote, stands };
};

test("votes in any state read back from their copy, and the size of a copy tells nothing of them", () => {
  fc.assert(
    fc.property(fc.array(votes, { maxLength: 4 }), (some) => {
      const kept = some.map((vote, at) => ({ ...full(vote), pollId: `0${at}`.repeat(32) }));
      const file = encodeVotes(kept);
      expect(decodeVotes(file)).toEqual(kept);
      expect(file.length % 16_384).toBe(0);
    }),
  );
});

test("a copy that is changed anywhere is refused or reads otherwise, and what is no copy is refused", () => {
  const file = new TextDecoder().decode(encodeVotes([]));
  for (const wrong of ["{}", file.replace("v1", "v2"), file.replace("  ", " x"), file.replace('"votes":[]', '"votes":[{}]'), `${file} `]) {
    expect(() => decodeVotes(utf8(wrong))).toThrow();
  }
});

test("what a passphrase sealed opens with it alone, and only undamaged", async () => {
  const lock = await makeLock("сосна у реки");
  const plaintext = utf8("votes");
  const sealed = await seal(lock, plaintext);
  const opened = await open("сосна у реки", sealed);
  expect(opened).toEqual({ lock, plaintext });
  expect(await open("сосна у реки".normalize("NFD"), sealed)).toEqual(opened);
  await expect(open("сосна у реки ", sealed)).rejects.toThrow(NotOpened);
  const parts = sealed.split(".");
  for (const at of [0, 1, 3]) {
    const damaged = parts.map((part, here) => (here === at ? part.replace(/^./, (first) => (first === "A" ? "B" : "A")) : part));
    await expect(open("сосна у реки", damaged.join("."))).rejects.toThrow(NotOpened);
  }
  await expect(open("сосна у реки", `${sealed}.AA`)).rejects.toThrow(NotOpened);
}, SLOWLY);

test("nobody else's header chooses the work: other iterations are refused before any is done", async () => {
  const [header, ...rest] = (await seal(await makeLock("a passphrase"), utf8("x"))).split(".");
  const other = { ...JSON.parse(atob(header!.replaceAll("-", "+").replaceAll("_", "/"))), p2c: 2_000_000_000 };
  const forged = btoa(JSON.stringify(other)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  await expect(open("a passphrase", [forged, ...rest].join("."))).rejects.toThrow(NotOpened);
}, SLOWLY);

test("two copies under one lock share no key and no nonce", async () => {
  const lock = await makeLock("a passphrase");
  const [one, other] = [(await seal(lock, utf8("x"))).split("."), (await seal(lock, utf8("x"))).split(".")];
  for (const at of [1, 2, 3, 4]) expect(one[at]).not.toBe(other[at]);
}, SLOWLY);
