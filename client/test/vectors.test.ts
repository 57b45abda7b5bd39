/** The vectors that Python wrote (tests/vectors), judged by this implementation. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { b64u, fromB64u, hex } from "../src/crypto/bytes.ts";
import { leafHash } from "../src/crypto/merkle.ts";
import { type Answers, decodeAnswers } from "../src/protocol/answers.ts";
import { BallotRefused, decodeBallot, tokenMessage, verifyBallot } from "../src/protocol/ballot.ts";
import { type Answer, parseManifest, type Question } from "../src/protocol/manifest.ts";
import { answersField, openAnswers, readOpening } from "../src/protocol/sealing.ts";
import { issuanceLeaf, openResult, openStatement, type QuestionResult, verifyPromise, verifyReceipt } from "../src/protocol/statements.ts";
import { checkPoll, checkTrusted, type TrustRoot } from "../src/protocol/trust.ts";

// oxlint-disable-next-line typescript/no-explicit-any
function cases(name: string): any[] {
  const path = new URL(`../../tests/vectors/${name}`, import.meta.url);
  expect(existsSync(path)).toBe(true);
  return JSON.parse(readFileSync(path, "utf8")).cases;
}

describe("manifests", () => {
  for (const one of cases("manifest.json")) {
    test(one.valid ? "a valid one is read" : `refused: ${one.why}`, async () => {
      const parsing = parseManifest(fromB64u(one.manifest));
      if (!one.valid) return expect(parsing).rejects.toThrow();
      const poll = await parsing;
      expect(poll.id).toBe(one.poll_id);
      const [issuer] = poll.issuers;
      const trust: TrustRoot = { issuers: [{ ...issuer!, name: "" }], box: { ...poll.box, catalogueKey: poll.box.logKey }, client: poll.client, fingerprint: "" };
      await checkTrusted(trust, poll, { signatures: one.signatures });
      const stranger = { ...trust, box: { ...trust.box, url: "http://stranger.example" } };
      await expect(checkTrusted(stranger, poll, { signatures: one.signatures })).rejects.toThrow();
      const elsewhere = { ...poll, issuers: [{ ...issuer!, logKey: { ...issuer!.logKey, name: "elsewhere.example/log" } }] };
      await expect(checkTrusted(trust, elsewhere, { signatures: one.signatures })).rejects.toThrow("log key");
      const served = { manifest: fromB64u(one.manifest), signatures: { signatures: one.signatures } };
      expect((await checkPoll(trust, { ...served, id: one.poll_id })).id).toBe(one.poll_id);
      await expect(checkPoll(trust, { ...served, id: "00".repeat(32) })).rejects.toThrow("poll id");
      const [{ signature }] = one.signatures;
      for (const forged of [{ issuer: 0, signature: b64u(new Uint8Array(64)) }, { issuer: 1, signature }]) {
        await expect(checkTrusted(trust, poll, { signatures: [forged] })).rejects.toThrow();
      }
      await expect(checkTrusted(trust, poll, { signatures: [] })).rejects.toThrow();
    });
  }
});

describe("ballots", () => {
  for (const [at, one] of cases("ballot.json").entries()) {
    test(`${at}: ${one.reason ?? "valid"}`, async () => {
      const poll = await parseManifest(fromB64u(one.manifest));
      const bytes = fromB64u(one.ballot);
      const leaf = await leafHash(bytes);
      expect(hex(leaf)).toBe(one.leaf_hash);
      if (one.valid) {
        await verifyBallot(poll, bytes);
        await verifyReceipt(poll, leaf, fromB64u(one.receipt));
        await expect(verifyReceipt(poll, poll.idBytes, fromB64u(one.receipt))).rejects.toThrow();
        return;
      }
      const refused = await verifyBallot(poll, bytes).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(BallotRefused);
      expect((refused as BallotRefused).slug).toBe(one.reason);
    });
  }
});

test("statements", async () => {
  for (const one of cases("statements.json")) {
    const poll = await parseManifest(fromB64u(one.manifest));
    expect(b64u(tokenMessage(poll.idBytes, fromB64u(one.ballot_key)))).toBe(one.token_message);
    const blinded = fromB64u(one.blinded_message);
    const issuance = { pseudonym: fromB64u(one.pseudonym), nonce: fromB64u(one.nonce), promise: fromB64u(one.promise) };
    expect(b64u(await issuanceLeaf(poll, issuance, blinded))).toBe(one.issuance_leaf);
    await verifyPromise(poll, 0, issuance, blinded);
    await expect(verifyPromise(poll, 0, issuance, issuance.nonce)).rejects.toThrow();
    const result = await openResult(poll, fromB64u(one.result), fromB64u(one.result_signature));
    const fields = one.answers.map((field: string) => decodeAnswers(poll, fromB64u(field)));
    for (const [at, question] of poll.questions.entries()) {
      const given = fields.map((field: Answers) => field[question.id]!).filter((answer: Answer) => answer.length > 0);
      expect(result.questions[at]!.abstentions).toBe(fields.length - given.length);
      expectNumbers(question, result.questions[at]!, given);
    }
  }
});

test("what issuers say", async () => {
  const [one] = cases("issuers_say.json");
  const poll = await parseManifest(fromB64u(one.manifest));
  for (const said of one.statements) {
    const opened = await openStatement(poll, said.kind, fromB64u(said.statement)).catch(() => undefined);
    expect(opened !== undefined, `${said.kind} by ${said.issuers}`).toBe(said.valid);
  }
});

/** The statement's numbers are those of the answers, counted again here. */
function expectNumbers(question: Question, counted: QuestionResult, given: readonly Answer[]): void {
  const options = question.options.map((option) => option.id);
  const named = (id: string): number => given.filter((answer) => (answer as readonly string[]).includes(id)).length;
  switch (counted.kind) {
    case "votes":
      return expect([...counted.votes]).toEqual(options.map((id) => [id, named(id)]));
    case "scores":
      return expect([...counted.sums]).toEqual(options.map((id, at) => [id, given.reduce((sum, answer) => sum + Number(answer[at]), 0)]));
    case "rounds":
      return expect([...counted.rounds[0]!.votes]).toEqual(options.map((id) => [id, given.filter((answer) => answer[0] === id).length]));
  }
}

test("what this client seals has the size of all others, opens to its answers, and is never the same twice", async () => {
  const [one] = cases("sealing.json");
  const poll = await parseManifest(fromB64u(one.manifest));
  const key = await readOpening(poll, poll.sealing!, fromB64u(one.opening));
  const { ballotKey, pollId } = decodeBallot(fromB64u(one.ballots[0].ballot));
  const answers = { place: ["river"], trees: [] };
  const fields = await Promise.all([0, 0, 1].map((revision) => answersField(poll, ballotKey, revision, answers)));
  expect(new Set(fields.map(b64u)).size).toBe(3);
  for (const [at, field] of fields.entries()) {
    expect(field.length).toBe(poll.answerSize);
    const bound = { pollId, ballotKey, answers: field };
    expect(decodeAnswers(poll, await openAnswers(key, { ...bound, revision: at === 2 ? 1 : 0 }))).toEqual(answers);
    await expect(openAnswers(key, { ...bound, revision: at === 2 ? 0 : 1 })).rejects.toThrow();
  }
  await expect(answersField(poll, ballotKey, 0, { place: ["moon"], trees: [] })).rejects.toThrow();
});

test("sealed answers open with the opening of their poll, and with no other", async () => {
  for (const one of cases("sealing.json")) {
    const poll = await parseManifest(fromB64u(one.manifest));
    const key = await readOpening(poll, poll.sealing!, fromB64u(one.opening));
    for (const wrong of one.wrong_openings) await expect(readOpening(poll, poll.sealing!, fromB64u(wrong))).rejects.toThrow();
    for (const { ballot, answers } of one.ballots) {
      const read = decodeBallot(fromB64u(ballot));
      if (answers === null) await expect(openAnswers(key, read)).rejects.toThrow();
      else expect(b64u(await openAnswers(key, read))).toBe(answers);
      await expect(openAnswers(key, { ...read, revision: read.revision + 1 })).rejects.toThrow();
    }
  }
});
