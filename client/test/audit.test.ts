/** The parts of the in-browser audit; the whole of it is held against the fraud catalogue by tests/frauds. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { examineIssuances, type Reading } from "../src/audit/bundle.ts";
import { Revisions } from "../src/audit/revisions.ts";
import { type Ranked, runOff } from "../src/audit/runOff.ts";
import { scanLog } from "../src/audit/scan.ts";
import { CODES, say } from "../src/audit/sentences.ts";
import { fromTheWeb, NotThere, OutOfReach } from "../src/audit/source.ts";
import { type Bytes, concat, equal, fromB64u, hex, uint } from "../src/crypto/bytes.ts";
import { completeSubtrees, fold, leafHash, rootOf } from "../src/crypto/merkle.ts";
import { blind } from "../src/crypto/blindToken.ts";
import { soundModulus, UnsoundKey } from "../src/crypto/tokenKey.ts";
import { ISSUED } from "../src/protocol/labels.ts";
import { tilePath, WIDTH } from "../src/protocol/log.ts";

const LOG = "http://issuer.example/log/1";
const SIZE = 2 * WIDTH + 100;
const silent = () => undefined;

/** An honest log of issuances in memory, as its files. */
async function honestLog(): Promise<Map<string, Bytes>> {
  const entries = Array.from({ length: SIZE }, (_, at) => concat(ISSUED, uint(32, at)));
  const hashes = await Promise.all(entries.map(leafHash));
  const files = new Map<string, Bytes>();
  const above: Bytes[] = [];
  for (let first = 0; first < SIZE; first += WIDTH) {
    const width = Math.min(WIDTH, SIZE - first);
    const here = hashes.slice(first, first + width);
    files.set(tilePath("entries", first / WIDTH, width), concat(...entries.slice(first, first + width).map((entry) => concat(uint(2, entry.length), entry))));
    files.set(tilePath(0, first / WIDTH, width), concat(...here));
    if (width === WIDTH) above.push(await rootOf(here));
  }
  return files.set(tilePath(1, 0, above.length), concat(...above));
}

function reading(files: ReadonlyMap<string, Bytes>): Reading {
  return {
    url: LOG,
    size: SIZE,
    fetch: async (url) => {
      const file = files.get(url.slice(LOG.length + 1));
      if (file === undefined) throw new NotThere(url);
      return file;
    },
  };
}

const nothing = { leaves: new Set<string>(), sizes: new Set<number>() };
const scan = (files: ReadonlyMap<string, Bytes>, wanted = nothing) => scanLog(reading(files), examineIssuances, wanted, null, silent);

describe("a pass over a log", () => {
  test("gives its root, the roots on the way, and where a leaf is", async () => {
    const hashes = await Promise.all(Array.from({ length: SIZE }, (_, at) => leafHash(concat(ISSUED, uint(32, at)))));
    const sizes = [0, 1, WIDTH, WIDTH + 1, 2 * WIDTH, SIZE];
    const seen = await scan(await honestLog(), { leaves: new Set([hex(hashes[300]!), "ab".repeat(32)]), sizes: new Set(sizes) });
    expect(hex(seen.root)).toBe(hex(await rootOf(hashes)));
    for (const size of sizes) expect(hex(seen.roots.get(size)!), `${size}`).toBe(hex(await rootOf(hashes.slice(0, size))));
    expect([...seen.found]).toEqual([hex(hashes[300]!)]);
    expect([seen.tiles, seen.wrongTiles.number, seen.faults.get("issuance")?.number]).toEqual([4, 0, 0]);
  });

  test.each([tilePath(0, 1, WIDTH), tilePath(0, 2, 100), tilePath(1, 0, 2)])("names the tile that lies: %s", async (path) => {
    const files = await honestLog();
    files.set(path, files.get(path)!.with(5, files.get(path)![5]! ^ 1));
    expect((await scan(files)).wrongTiles.listed).toEqual([["wrongTile", path]]);
  });

  test.each(["spare", "short", "gone"])("ends at a bundle that is %s", async (how) => {
    const files = await honestLog();
    const path = tilePath("entries", 1, WIDTH);
    const bundle = files.get(path)!;
    if (how === "gone") files.delete(path);
    else files.set(path, how === "spare" ? concat(bundle, uint(1, 0)) : bundle.slice(0, -1));
    await expect(scan(files)).rejects.toMatchObject({ missing: true });
  });
});

test("the roots of a tree's complete subtrees fold into its root", async () => {
  const leaves = await Promise.all(Array.from({ length: 40 }, (_, at) => leafHash(uint(1, at))));
  for (let size = 0; size <= leaves.length; size += 1) {
    const tree = leaves.slice(0, size);
    expect(equal(await fold(await completeSubtrees(tree)), await rootOf(tree)), `${size}`).toBe(true);
  }
});

test("of one key the highest revision counts, of equal ones the first, and repetitions are named", () => {
  const casts = fc.array(fc.record({ key: fc.constantFrom("a", "b"), revision: fc.nat(2) }), { maxLength: 12 });
  fc.assert(
    fc.property(casts, (list) => {
      const revisions = new Revisions();
      const all = list.map((one, index) => ({ ...one, index }));
      for (const cast of all) revisions.take(cast);
      const beats = (one: (typeof all)[number], other: (typeof all)[number]) =>
        one.key === other.key && (one.revision > other.revision || (one.revision === other.revision && one.index < other.index));
      expect(revisions.replaced).toEqual(all.filter((cast) => all.some((other) => beats(other, cast))).map((cast) => cast.index));
      const again = all.filter((cast) => all.some((other) => other.index < cast.index && other.key === cast.key && other.revision === cast.revision));
      expect(revisions.repeated.number).toBe(again.length);
      expect(revisions.repeated.listed.map((sentence) => sentence[1])).toEqual(again.map((cast) => cast.index));
    }),
  );
});

describe("the run-off", () => {
  const ranked = (...lines: string[]): Ranked[] => lines.map((line) => ({ order: line.slice(1).split(""), ballots: Number(line[0]) }));
  const votes = (round: { readonly votes: ReadonlyMap<string, number> }) => [...round.votes].map(([id, number]) => `${id}${number}`).join(" ");

  test("hands the votes of the weakest on until somebody has more than half", () => {
    const { rounds, leading } = runOff(["a", "b", "c"], ranked("4ab", "3b", "2cb"));
    expect(rounds.map(votes)).toEqual(["a4 b3 c2", "a4 b5"]);
    expect([rounds[0]!.eliminated, leading]).toEqual([["c"], ["b"]]);
  });

  test("breaks a tie by the round before, then by who is named least, and else lets all leave or lead", () => {
    expect(runOff(["a", "b", "c"], ranked("3a", "2bc", "2ca", "1a")).leading).toEqual(["a"]);
    expect(runOff(["a", "b", "c"], ranked("3a", "2bc", "2c")).rounds[0]!.eliminated).toEqual(["b"]);
    expect(runOff(["a", "b"], ranked("2a", "2b")).leading).toEqual(["a", "b"]);
    expect(runOff(["a", "b"], [])).toMatchObject({ leading: [], rounds: [{ exhausted: 0 }] });
  });

  test("ends, and loses no ballot in any round", () => {
    const order = fc.shuffledSubarray(["a", "b", "c", "d"], { minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.record({ order, ballots: fc.integer({ min: 1, max: 5 }) }), { maxLength: 8 }), (all) => {
        const { rounds } = runOff(["a", "b", "c", "d"], all);
        const total = all.reduce((sum, one) => sum + one.ballots, 0);
        for (const round of rounds) expect([...round.votes.values()].reduce((sum, number) => sum + number, round.exhausted)).toBe(total);
        expect(rounds.length).toBeLessThanOrEqual(4);
      }),
    );
  });
});

test("a token key of another size, exponent or encoding is unsound", async () => {
  const pair = await crypto.subtle.generateKey({ name: "RSA-PSS", modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-384" }, true, ["sign", "verify"]);
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const { n } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  expect(soundModulus(spki)).toBe(BigInt(`0x${hex(fromB64u(n!))}`));
  const without = spki.slice(0, -1);
  for (const wrong of [without, concat(spki, uint(1, 0)), concat(without, uint(1, 3)), spki.with(33, 0x7f), spki.with(spki.length - 6, 0)]) {
    expect(() => soundModulus(new Uint8Array(wrong))).toThrow(UnsoundKey);
    await expect(blind(new Uint8Array(wrong), new Uint8Array(32))).rejects.toThrow(UnsoundKey);
  }
});

test("every sentence of the audit is said in both languages, with the same parts", () => {
  const parts = (text: string) => [...text.matchAll(/\{\d\}/g)].map(String).sort();
  for (const code of CODES) {
    const [ru, en] = [say([code, "{0}", "{1}", "{2}"], "ru"), say([code, "{0}", "{1}", "{2}"], "en")];
    expect(parts(ru), code).toEqual(parts(en));
    expect(ru.replaceAll(/\{\d\}/g, ""), code).toMatch(/^[^A-Za-z]+$/);
  }
});

describe("the services", () => {
  let server: Server;
  const at = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === "/whole") response.end("whole");
      else if (request.url === "/long") response.end("x".repeat(100_000));
      else if (request.url === "/elsewhere") response.writeHead(302, { location: "/whole" }).end();
      else if (request.url === "/cut") response.writeHead(200, { "content-length": "10" }).write("cut", () => response.destroy());
      else response.writeHead(request.url === "/busy" ? 503 : 404).end();
    });
    await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  });
  afterAll(() => void server.close());

  test("are read whole, and no further than asked", async () => {
    expect(new TextDecoder().decode(await fromTheWeb(at("/whole"), 5))).toBe("whole");
    await expect(fromTheWeb(at("/none"), 5)).rejects.toBeInstanceOf(NotThere);
    for (const path of ["/whole", "/long", "/elsewhere", "/cut", "/busy"]) {
      await expect(fromTheWeb(at(path), 4), path).rejects.toBeInstanceOf(OutOfReach);
    }
  });
});
