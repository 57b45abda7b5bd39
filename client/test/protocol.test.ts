/** Properties of the protocol's parts, and of the sentences people read. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { b64, b64u, concat, fromB64, fromB64u, fromHex, hex, sha256 } from "../src/crypto/bytes.ts";
import { generateBallotKey, lowS, signBallot } from "../src/crypto/ballotKey.ts";
import { leafHash, proveInclusion, rootOf, verifyInclusion } from "../src/crypto/merkle.ts";
import { openCheckpoint } from "../src/crypto/note.ts";
import { COSIGNATURE, parseVerifierKey } from "../src/crypto/verifierKey.ts";
import { checkCatalogue } from "../src/protocol/catalogue.ts";
import { forkEvidence, historyOf } from "../src/protocol/history.ts";
import { disputeFile, parseReceipt, receiptFile } from "../src/protocol/receipt.ts";
import { parsePolicy } from "../src/protocol/witnessPolicy.ts";
import { readLeafHashes, tilePath } from "../src/protocol/log.ts";
import { moment } from "../src/ui/messages.ts";
import { en as ENGLISH } from "../src/ui/messages/en.ts";
import { ruLater as russian } from "../src/ui/messages/ruLater.ts";
import { REFUSALS } from "../src/ui/refusals.ts";
import { href, parseRoute, TASKS } from "../src/ui/route.ts";
import { longestWait } from "../src/ui/sending.tsx";

const shared = new URL("../../../shared/vectors/", import.meta.url);
const utf8 = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

test("bytes read back from hex and base64url", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (array) => {
      const bytes = new Uint8Array(array);
      expect(fromHex(hex(bytes), bytes.length)).toEqual(bytes);
      expect(fromB64u(b64u(bytes), bytes.length)).toEqual(bytes);
    }),
  );
});

test.each(["AA==", "AB", "A", "A+AA", "A A", "АА"])("base64url that is not canonical is refused: %s", (text) => {
  expect(() => fromB64u(text)).toThrow();
});

test("a ballot signature has a low s and verifies", async () => {
  const key = await generateBallotKey();
  const half = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n / 2n;
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const verifier = await crypto.subtle.importKey("raw", key.point, curve, false, ["verify"]);
  for (let round = 0; round < 16; round += 1) {
    const signature = await signBallot(key, utf8("ballot"));
    expect(BigInt(`0x${hex(signature.slice(32))}`) <= half).toBe(true);
    expect(lowS(signature)).toEqual(signature);
    expect(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, verifier, signature, utf8("ballot"))).toBe(true);
  }
});

test("inclusion is proven for every leaf of trees of many sizes, and for no other leaf", async () => {
  for (const size of [1, 2, 3, 7, 8, 13]) {
    const leaves = await Promise.all(Array.from({ length: size }, (_, at) => leafHash(Uint8Array.of(at))));
    const root = await rootOf(leaves);
    const stranger = await leafHash(Uint8Array.of(99));
    for (const [index, leaf] of leaves.entries()) {
      const proof = await proveInclusion(index, leaves);
      await verifyInclusion(index, size, leaf, proof, root);
      await expect(verifyInclusion(index, size, stranger, proof, root)).rejects.toThrow();
      await expect(verifyInclusion(index + 1, size, leaf, proof, root)).rejects.toThrow();
    }
  }
});

test("tile paths are those of C2SP", () => {
  expect(tilePath("entries", 1234067, 256)).toBe("tile/entries/x001/x234/067");
  expect(tilePath(0, 0, 7)).toBe("tile/0/000.p/7");
});

describe.skipIf(!existsSync(shared))("third-party vectors", () => {
  test("inclusion", async () => {
    const folder = new URL("transparency-dev-merkle/testdata/inclusion/", shared);
    const files = readdirSync(folder, { recursive: true }).map(String).filter((name) => name.endsWith(".json"));
    expect(files.length).toBeGreaterThan(50);
    for (const name of files) {
      const one = JSON.parse(readFileSync(new URL(name.replaceAll("@", "%40").replaceAll("[", "%5B").replaceAll("]", "%5D"), folder), "utf8"));
      const proof = (one.proof ?? []).map((hash: string) => fromB64(hash));
      const verifying = verifyInclusion(one.leafIdx, one.treeSize, fromB64(one.leafHash ?? ""), proof, fromB64(one.root ?? ""));
      if (one.wantErr) await expect(verifying, name).rejects.toThrow();
      else await verifying;
    }
  });

  test("a tessera log's checkpoints open under its key, and under no other", async () => {
    const known = JSON.parse(readFileSync(new URL("tlog_known_answers.json", shared), "utf8")).tessera_log;
    const { files } = JSON.parse(readFileSync(new URL("tessera-testdata-log/log.json", shared), "utf8"));
    const key = await parseVerifierKey(known.vkey);
    const leaves = await Promise.all(known.entries.map((entry: string) => leafHash(utf8(entry))));
    for (const [name, file] of Object.entries<{ text: string }>(files)) {
      if (!name.startsWith("checkpoint")) continue;
      const head = await openCheckpoint(utf8(file.text), key);
      expect(hex(head.root)).toBe(hex(await rootOf(leaves.slice(0, head.size))));
      await expect(openCheckpoint(utf8(file.text.replace("log", "lug")), key)).rejects.toThrow();
    }
  });
});

async function logOf(name: string) {
  const { privateKey, publicKey } = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  const typed = concat(new Uint8Array([1]), new Uint8Array(await crypto.subtle.exportKey("raw", publicKey)));
  const keyId = (await sha256(utf8(`${name}\n`), typed)).slice(0, 4);
  const line = async (text: string) =>
    `— ${name} ${b64(concat(keyId, new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, utf8(text)))))}\n`;
  return { key: `${name}+${hex(keyId)}+${b64(typed)}`, line };
}

test("a checkpoint opens by a right signature of the log's own key, and by nothing else", async () => {
  const [log, stranger] = await Promise.all([logOf("box.example/log"), logOf("box.example/log")]);
  const key = await parseVerifierKey(log.key);
  const text = `box.example/log\n7\n${b64(await sha256(utf8("root")))}\n`;
  const [own, strange] = await Promise.all([log.line(text), stranger.line(text)]);
  expect((await openCheckpoint(utf8(`${text}\n${strange}${own}`), key)).size).toBe(7);
  const other = await log.line(text.replace("7", "8"));
  for (const wrong of [strange, "", other, `${own}${other}`]) {
    await expect(openCheckpoint(utf8(`${text}\n${wrong}`), key)).rejects.toThrow();
  }
  await expect(parseVerifierKey(log.key.replace(/\+[0-9a-f]{8}\+/, "+0badc0de+"))).rejects.toThrow("key id");
});

test("hashes of a log are taken only where they give the signed root", async () => {
  const hashes = await Promise.all(Array.from({ length: 300 }, (_, number) => leafHash(utf8(String(number)))));
  const head = { origin: "box.example/log", size: 300, root: await rootOf(hashes) };
  const tiles = new Map([[tilePath(0, 0, 256), concat(...hashes.slice(0, 256))], [tilePath(0, 1, 44), concat(...hashes.slice(256))]]);
  const read = (changed: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) =>
    readLeafHashes(head, async (path) => changed.get(path) ?? tiles.get(path)!);
  expect(await read(new Map())).toEqual(hashes);
  const last = tiles.get(tilePath(0, 1, 44))!;
  for (const wrong of [last.toReversed(), concat(last, hashes[0]!), last.slice(32), last.slice(1)]) {
    await expect(read(new Map([[tilePath(0, 1, 44), wrong]]))).rejects.toThrow();
  }
});

test("every slug of protocol section 10 has a sentence in both languages", () => {
  const section = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8").split("\n## 10.")[1]!.split("\n## 11.")[0]!;
  const slugs = [...section.matchAll(/`([a-z]+(?:-[a-z]+)+|unavailable)`/g)].map((match) => match[1]!);
  const named = new Set(slugs.filter((slug) => slug !== "access_denied"));
  expect(named.size).toBeGreaterThan(25);
  for (const slug of named) {
    expect(REFUSALS[slug]?.ru, slug).toMatch(/[а-я]/);
    expect(REFUSALS[slug]?.en, slug).toMatch(/[a-z]/);
  }
});

test("the Russian interface has no English words", () => {
  const said = Object.entries(russian).filter(([name]) => name !== "otherLanguage");
  for (const [name, text] of said) {
    if (typeof text === "string") expect(text, name).not.toMatch(/[A-Za-z]{2,}/);
  }
  for (const [slug, sentences] of Object.entries(REFUSALS)) expect(sentences.ru, slug).not.toMatch(/[A-Za-z]{2,}/);
});

test("English says what Russian says: the same sentences, from the same parts, and no Russian word", () => {
  const flat = (messages: object, before = ""): [string, unknown][] =>
    Object.entries(messages).flatMap(([name, text]) => (typeof text === "object" ? flat(text, `${before}${name}.`) : [[before + name, text]]));
  const english = new Map(flat(ENGLISH));
  const shown = (text: unknown, length: number): string =>
    typeof text === "function" ? String(text(...Array.from({ length }, (_, at) => 7000 + at))) : String(text);
  expect([...english.keys()].sort()).toEqual(flat(russian).map(([name]) => name).sort());
  for (const [name, ru] of flat(russian)) {
    const en = english.get(name);
    const parts = typeof ru === "function" ? ru.length : 0;
    const numbers = (text: string) => [...text.replaceAll(/(?<=\d)[\s,.](?=\d{3})/g, "").matchAll(/70\d\d/g)].map(String).sort();
    expect(numbers(shown(en, parts)), name).toEqual(numbers(shown(ru, parts)));
    if (name !== "otherLanguage") expect(shown(en, parts), name).not.toMatch(/[а-яё]/i);
    expect(shown(ru, parts), name).not.toMatch(/(?<=[а-яё,;] )(Вы|Ваш[а-яё]*)(?![а-яё])|"/u);
  }
});

test("times are Altai time in words", () => {
  expect(moment(new Date("2026-11-23T13:00:00Z"), "ru")).toBe("23 ноября 2026 г., 20:00 (МСК+4)".replaceAll(" ", "\u00a0").replace(",\u00a0", ", "));
});

test("every route reads back", () => {
  const poll = "ab".repeat(32);
  for (const page of ["poll", "protect", "token", "check", "wait", "later", "send", "done", "find"] as const) {
    expect(parseRoute(href({ page, poll }))).toEqual({ page, poll });
  }
  for (const task of [null, ...TASKS]) expect(parseRoute(href({ page: "device", task }))).toEqual({ page: "device", task });
  expect(parseRoute("#/device/other")).toEqual({ page: "unknown" });
  expect(parseRoute(href({ page: "question", poll, number: 12 }))).toEqual({ page: "question", poll, number: 12 });
  expect(parseRoute(href({ page: "refused", poll, slug: "too-young" }))).toEqual({ page: "refused", poll, slug: "too-young" });
  expect(parseRoute("#/poll/../../x")).toEqual({ page: "unknown" });
});

test("the built page asks nobody else for anything", () => {
  const dist = new URL("../dist/", import.meta.url);
  if (!existsSync(dist)) return;
  const html = readFileSync(new URL("index.html", dist), "utf8");
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|\sstyle=|https?:/);
  const files = readdirSync(new URL("assets/", dist)).map((name) => statSync(new URL(`assets/${name}`, dist)).size);
  expect(files.length).toBeGreaterThan(1);
});

test("a poll must stand in the catalogue, and the catalogue must extend what was seen of it", async () => {
  const leaves = await Promise.all([1, 2, 3].map((n) => leafHash(Uint8Array.of(n))));
  const head = { origin: "box.example/log/catalogue", size: 3, root: await rootOf(leaves) };
  const seen = { size: 2, root: await rootOf(leaves.slice(0, 2)) };
  await checkCatalogue(head, leaves, leaves[1]!, undefined);
  await checkCatalogue(head, leaves, leaves[1]!, seen);
  await expect(checkCatalogue(head, leaves, await leafHash(Uint8Array.of(4)), seen)).rejects.toThrow("not in the catalogue");
  await expect(checkCatalogue(head, leaves, leaves[1]!, { ...seen, root: head.root })).rejects.toThrow("another history");
  await expect(checkCatalogue(head, leaves, leaves[1]!, { size: 4, root: head.root })).rejects.toThrow("older");
});

test("a receipt file reads back; what is no receipt is refused", () => {
  const receipt = { pollId: "ab".repeat(32), leaf: new Uint8Array(32).fill(1), signature: new Uint8Array(64).fill(2) };
  expect(parseReceipt(receiptFile(receipt))).toEqual(receipt);
  expect(parseReceipt(disputeFile(receipt, utf8("a note")))).toEqual(receipt);
  expect(() => parseReceipt(utf8(new TextDecoder().decode(disputeFile(receipt, utf8("a note"))).replace("dispute/v1", "dispute/v2")))).toThrow();
  expect(() => parseReceipt(utf8("{}"))).toThrow();
  expect(() => parseReceipt(utf8(new TextDecoder().decode(receiptFile(receipt)).replace("AgIC", "AgI")))).toThrow();
});

test("a ballot waits by itself for half an hour at most, and never into the last ten minutes", () => {
  fc.assert(
    fc.property(fc.integer({ min: -100, max: 10_000 }), (minutes) => {
      const now = new Date(Date.UTC(2026, 10, 24));
      const wait = longestWait(now, new Date(now.getTime() + minutes * 60_000));
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(30 * 60_000);
      if (wait > 0) expect(wait + 10 * 60_000).toBeLessThanOrEqual(minutes * 60_000);
    }),
  );
});

test("evidence of a fork holds the nodes that lead from the old size to the new, the first one always", async () => {
  const leaves = await Promise.all(Array.from({ length: 7 }, (_, at) => leafHash(Uint8Array.of(at))));
  const key = { name: "box.example/log/1", keyId: new Uint8Array(4), key: new Uint8Array(32) };
  const head = { origin: key.name, size: 7, root: await rootOf(leaves) };
  const nodes = async (size: number): Promise<number> =>
    JSON.parse(new TextDecoder().decode(await forkEvidence(key, utf8("old"), size, utf8("new"), leaves))).nodes.length;
  expect([await nodes(3), await nodes(4), await nodes(6), await nodes(7)]).toEqual([4, 2, 3, 0]);
  const seen = async (size: number) => ({ size, root: await rootOf(leaves.slice(0, size)) });
  expect(await historyOf(head, leaves, undefined)).toBe("first");
  expect(await historyOf(head, leaves, await seen(5))).toBe("continues");
  expect(await historyOf(head, leaves, { size: 8, root: head.root })).toBe("shorter");
  expect(await historyOf(head, leaves, { ...(await seen(5)), size: 4 })).toBe("forked");
});

test("a witness policy names one group of witnesses and how many of them are due", async () => {
  const key = async (name: string): Promise<string> => {
    const typed = concat(Uint8Array.of(COSIGNATURE), await sha256(utf8(name)));
    return `${name}+${hex((await sha256(utf8(`${name}\n`), typed)).slice(0, 4))}+${b64(typed)}`;
  };
  const witnesses = `# ours\nlog x\nwitness a ${await key("a.example")}\nwitness b ${await key("b.example")} https://b.example\n`;
  const due = async (rest: string) => {
    const { quorum, witnesses: named } = await parsePolicy(witnesses + rest);
    return [quorum, named.map((witness) => witness.name).join()];
  };
  expect(await due("group g any a b\nquorum g")).toEqual([1, "a.example,b.example"]);
  expect(await due("group g all a b\n\nquorum g\n")).toEqual([2, "a.example,b.example"]);
  expect(await due("quorum b")).toEqual([1, "b.example"]);
  expect(await due("quorum none")).toEqual([0, ""]);
  for (const wrong of ["", "quorum c", "group g 3 a b\nquorum g", "group g 0 a b\nquorum g", "group g all a c\nquorum g", "quorum a\nquorum b", "<html>"]) {
    await expect(due(wrong), wrong).rejects.toThrow();
  }
});
