/** One entry bundle examined: everything that takes time. */
import { type Bytes, concat, equal, sha256 } from "../crypto/bytes.ts";
import { leafHash, rootOf } from "../crypto/merkle.ts";
import { type Ballot, BallotRefused, decodeBallot, readBallot, tokenKeys, verifySignature, verifyTokens } from "../protocol/ballot.ts";
import { CANCELLATION, CLOSING, ISSUANCE_CLOSING, ISSUED } from "../protocol/labels.ts";
import { tilePath, WIDTH } from "../protocol/log.ts";
import { firstLeaf, type Poll } from "../protocol/manifest.ts";
import { type CheckId, type Faults, withFault } from "./findings.ts";
import type { Cast } from "./revisions.ts";
import { type Fetch, OutOfReach } from "./source.ts";

/** A bundle or tile that is not what its name says. */
export class MalformedTile extends Error {}

export const HASH = 32;
export const MAX_TILE = WIDTH * HASH + 1;
/** The largest file of a record. */
export const MAX_BUNDLE = WIDTH * (2 + 16_384) + 60_000;

/** What one bundle holds; ballots after a closing record are not looked at. */
export interface Seen {
  readonly hashes: readonly Bytes[];
  /** SHA-256 over the leaf hashes: what the bundle holds. */
  readonly digest: Bytes;
  /** The hash over a full tile, null while it is partial. */
  readonly tileRoot: Bytes | null;
  readonly tileAgrees: boolean;
  readonly faults: ReadonlyMap<CheckId, Faults>;
  readonly casts: readonly Cast[];
  readonly ballots: readonly Ballot[];
  readonly closing: { readonly at: number; readonly leaf: Bytes } | null;
}

type Leaves = readonly (readonly [number, Bytes])[];
type Examined = Pick<Seen, "faults" | "casts" | "ballots" | "closing">;

/** A log of so many leaves. */
export interface Reading {
  readonly fetch: Fetch;
  readonly url: string;
  readonly size: number;
}

/** Examines the entries of one kind of log. */
export type Examine = (leaves: Leaves) => Promise<Examined>;

/** Read and examine bundle `index`. Throws NotThere, OutOfReach, MalformedTile. */
export async function seeBundle(reading: Reading, index: number, examine: Examine): Promise<Seen> {
  const width = Math.min(WIDTH, reading.size - index * WIDTH);
  const [entries, tile] = await Promise.all([
    readEntries(reading, index, width),
    reading.fetch(`${reading.url}/${tilePath(0, index, width)}`, MAX_TILE),
  ]);
  const [hashes, examined] = await Promise.all([
    Promise.all(entries.map(leafHash)),
    examine(entries.map((entry, at) => [index * WIDTH + at, entry])),
  ]);
  return {
    ...examined,
    hashes,
    digest: await sha256(...hashes),
    tileRoot: width === WIDTH ? await rootOf(hashes) : null,
    tileAgrees: equal(concat(...hashes), tile),
  };
}

/** The ballots of bundle `index` at these leaves, which were sound when the bundle had this digest. */
export async function ballotsAgain(reading: Reading, index: number, leaves: ReadonlySet<number>, digest: Bytes): Promise<readonly Ballot[]> {
  const entries = await readEntries(reading, index, Math.min(WIDTH, reading.size - index * WIDTH));
  const hashes = await Promise.all(entries.map(leafHash));
  if (!equal(await sha256(...hashes), digest)) throw new OutOfReach(`${reading.url}: another bundle when read again`);
  return entries.filter((_, at) => leaves.has(index * WIDTH + at)).map(decodeBallot);
}

async function readEntries({ fetch, url }: Reading, index: number, width: number): Promise<readonly Bytes[]> {
  const bundle = await fetch(`${url}/${tilePath("entries", index, width)}`, MAX_BUNDLE);
  const entries: Bytes[] = [];
  for (let at = 0; at < bundle.length; ) {
    const end = at + 2 + bundle[at]! * 256 + (bundle[at + 1] ?? Number.NaN);
    if (!(end <= bundle.length)) throw new MalformedTile("a bundle that ends inside an entry");
    entries.push(bundle.slice(at + 2, end));
    at = end;
  }
  if (entries.length !== width) throw new MalformedTile("a bundle of another width");
  return entries;
}

/** The entries of an issuance log (5.2 and 5.4). */
export const examineIssuances: Examine = async (leaves) => {
  const closing = leaves.find(([, leaf]) => begins(leaf, ISSUANCE_CLOSING));
  const wrong = leaves.filter(([, leaf]) => !begins(leaf, ISSUANCE_CLOSING) && !(begins(leaf, ISSUED) && leaf.length === ISSUED.length + HASH));
  const faults = withFault(undefined, ...wrong.map(([at]) => ["noIssuance", at] as const));
  return { faults: new Map([["issuance", faults]]), casts: [], ballots: [], closing: closing === undefined ? null : { at: closing[0], leaf: closing[1] } };
};

/** The entries of a poll log (7.2): the manifest, then ballots, then the closing record. */
export async function ballotExaminer(poll: Poll): Promise<Examine> {
  const keys = await tokenKeys(poll);
  return async (leaves) => {
    const faults = new Map<CheckId, Faults>();
    const note = (check: CheckId, at: number): void => void faults.set(check, withFault(faults.get(check), ["leaf", at]));
    const end = leaves.findIndex(([at, leaf]) => at > 0 && (begins(leaf, CLOSING) || begins(leaf, CANCELLATION)));
    const closing = leaves[end] ?? null;
    const read: (readonly [number, Bytes, Ballot])[] = [];
    for (const [at, leaf] of end < 0 ? leaves : leaves.slice(0, end)) {
      if (at === 0) {
        if (!equal(leaf, firstLeaf(poll))) note("first-leaf", at);
        continue;
      }
      const ballot = await stands(async () => readBallot(poll, leaf));
      if (ballot === null) note("ballots", at);
      else read.push([at, leaf, ballot]);
    }
    const verified = await Promise.all(
      read.map(([, leaf, ballot]) => Promise.all([stands(() => verifyTokens(poll, keys, ballot)), stands(() => verifySignature(ballot, leaf))])),
    );
    for (const [at, [tokens, signature]] of verified.entries()) {
      if (tokens === null) note("tokens", read[at]![0]);
      if (signature === null) note("ballot-signatures", read[at]![0]);
    }
    return {
      faults,
      casts: read.map(([index, , ballot]) => ({ key: String.fromCharCode(...ballot.ballotKey), revision: ballot.revision, index })),
      ballots: read.map(([, , ballot]) => ballot),
      closing: closing === null ? null : { at: closing[0], leaf: closing[1] },
    };
  };
}

/** What a step gives, null when it refuses the ballot. */
async function stands<T>(step: () => Promise<T>): Promise<T | null> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof BallotRefused) return null;
    throw error;
  }
}

function begins(leaf: Uint8Array, label: Uint8Array): boolean {
  return equal(leaf.subarray(0, label.length), label);
}
