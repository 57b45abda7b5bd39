/** One pass over a log, bundle by bundle in order; memory does not grow with its bytes. */
import type { Bytes } from "../crypto/bytes.ts";
import type { Ballot } from "../protocol/ballot.ts";
import { WIDTH } from "../protocol/log.ts";
import { ballotsAgain, type Examine, MalformedTile, type Reading, seeBundle, type Seen } from "./bundle.ts";
import type { Tally } from "./count.ts";
import { type CheckId, type Faults, withFault } from "./findings.ts";
import { Revisions } from "./revisions.ts";
import { NotThere, OutOfReach } from "./source.ts";
import { Tree, type Wanted } from "./tree.ts";

/** More than the voters of Barnaul; larger polls are for `veche-audit`. */
const MAX_LEAVES = 1_000_000;
const AHEAD = 4;

/** Told which log is read, and how many of how many leaves are done. */
export type Progress = (url: string, done: number, total: number) => void;

/** What a whole pass saw. */
export interface Scan {
  readonly size: number;
  readonly root: Bytes;
  readonly tiles: number;
  readonly wrongTiles: Faults;
  readonly roots: ReadonlyMap<number, Bytes>;
  readonly found: ReadonlySet<string>;
  readonly faults: ReadonlyMap<CheckId, Faults>;
  readonly repeated: Faults;
  readonly closing: Seen["closing"];
  /** Tokens by issuer, of the ballots that count. */
  readonly used: ReadonlyMap<number, number>;
  readonly ballots: number;
  readonly replaced: number;
}

/** A pass that ended early: the source lacks something (`missing`), or does not answer. */
export class ScanEnded extends Error {
  readonly missing: boolean;

  constructor(error: Error) {
    super(error.message, { cause: error });
    this.missing = !(error instanceof OutOfReach);
  }
}

/** Read a whole log; the ballots that count go into `tally`. Throws ScanEnded. */
export async function scanLog(reading: Reading, examine: Examine, wanted: Wanted, tally: Tally | null, progress: Progress): Promise<Scan> {
  try {
    if (reading.size > MAX_LEAVES) throw new OutOfReach(`${reading.url}: > ${MAX_LEAVES}`);
    return await pass(reading, examine, wanted, tally, progress);
  } catch (error) {
    if (error instanceof NotThere || error instanceof OutOfReach || error instanceof MalformedTile) throw new ScanEnded(error);
    throw error;
  }
}

async function pass(reading: Reading, examine: Examine, wanted: Wanted, tally: Tally | null, progress: Progress): Promise<Scan> {
  const tree = new Tree(reading, wanted);
  const revisions = new Revisions();
  const faults = new Map<CheckId, Faults>();
  const used = new Map<number, number>();
  const digests: Bytes[] = [];
  let closing: Seen["closing"] = null;
  let ballots = 0;
  const count = async (ballots: readonly Ballot[], by: 1 | -1): Promise<void> => {
    await tally?.take(ballots, by);
    for (const { issuer } of ballots.flatMap((ballot) => ballot.tokens)) used.set(issuer, (used.get(issuer) ?? 0) + by);
  };
  for await (const seen of inOrder(reading, examine)) {
    await tree.take(digests.length, seen);
    digests.push(seen.digest);
    if (closing === null) {
      for (const [check, found] of seen.faults) faults.set(check, withFault(faults.get(check), ...found.listed));
      for (const cast of seen.casts) revisions.take(cast);
      await count(seen.ballots, 1);
      ballots += seen.ballots.length;
      closing = seen.closing;
    }
    progress(reading.url, Math.min(digests.length * WIDTH, reading.size), reading.size);
  }
  const root = await tree.finish();
  for (const [bundle, leaves] of byBundle(revisions.replaced)) {
    await count(await ballotsAgain(reading, bundle, leaves, digests[bundle]!), -1);
  }
  return {
    size: reading.size, root, tiles: tree.compared, wrongTiles: tree.wrong, roots: tree.roots, found: tree.found,
    faults, repeated: revisions.repeated, closing, used, ballots, replaced: revisions.replaced.length,
  };
}

/** Bundles in order, the next ones under way. */
async function* inOrder(reading: Reading, examine: Examine): AsyncGenerator<Seen> {
  const bundles = Math.ceil(reading.size / WIDTH);
  const ahead: Promise<Seen>[] = [];
  for (let next = 0; next < bundles || ahead.length > 0; ) {
    while (next < bundles && ahead.length < AHEAD) {
      const seeing = seeBundle(reading, next, examine);
      seeing.catch(() => undefined);
      ahead.push(seeing);
      next += 1;
    }
    yield await ahead.shift()!;
  }
}


function byBundle(leaves: readonly number[]): ReadonlyMap<number, Set<number>> {
  const bundles = new Map<number, Set<number>>();
  for (const leaf of leaves) {
    const bundle = Math.floor(leaf / WIDTH);
    bundles.set(bundle, (bundles.get(bundle) ?? new Set()).add(leaf));
  }
  return bundles;
}
