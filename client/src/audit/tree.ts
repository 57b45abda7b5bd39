/** Root and hash tiles of a log, recomputed as its bundles come: one unfinished row per level in memory. */
import { type Bytes, concat, equal, hex } from "../crypto/bytes.ts";
import { completeSubtrees, fold, nodeHash, rootOf } from "../crypto/merkle.ts";
import { tilePath, WIDTH } from "../protocol/log.ts";
import { MAX_TILE, type Reading, type Seen } from "./bundle.ts";
import { type Faults, NO_FAULTS, withFault } from "./findings.ts";

/** What to look for on the way: leaf hashes (hex), and the roots at these sizes. */
export interface Wanted {
  readonly leaves: ReadonlySet<string>;
  readonly sizes: ReadonlySet<number>;
}

interface Row {
  readonly hashes: Bytes[];
  /** Full tiles of this level so far. */
  full: number;
}

interface Subtree {
  readonly tiles: number;
  readonly hash: Bytes;
}

export class Tree {
  readonly #reading: Reading;
  readonly #wanted: Wanted;
  readonly #rows: Row[] = [];
  #full: Subtree[] = [];
  #rest: Bytes[] = [];
  #compared = 0;
  #wrong: Faults = NO_FAULTS;
  readonly roots = new Map<number, Bytes>();
  readonly found = new Set<string>();

  constructor(reading: Reading, wanted: Wanted) {
    this.#reading = reading;
    this.#wanted = wanted;
  }

  /** Hash tiles that were compared, and those that are wrong. */
  get compared(): number {
    return this.#compared;
  }

  get wrong(): Faults {
    return this.#wrong;
  }

  async take(index: number, { hashes, tileAgrees, tileRoot }: Seen): Promise<void> {
    this.#note(tilePath(0, index, hashes.length), tileAgrees);
    if (this.#wanted.leaves.size > 0) for (const hash of hashes.map(hex)) if (this.#wanted.leaves.has(hash)) this.found.add(hash);
    for (const size of this.#wanted.sizes) {
      if (size > index * WIDTH && size <= index * WIDTH + hashes.length) this.roots.set(size, await this.#rootWith(hashes.slice(0, size - index * WIDTH)));
    }
    if (tileRoot === null) {
      this.#rest = await completeSubtrees(hashes);
      return;
    }
    await this.#append(tileRoot);
    await this.#add(1, tileRoot);
  }

  /** Compare what is left; the root. */
  async finish(): Promise<Bytes> {
    for (const [at, row] of this.#rows.entries()) if (row.hashes.length > 0) await this.#compare(at + 1, row);
    if (this.#wanted.sizes.has(0)) this.roots.set(0, await fold([]));
    return fold([...this.#full.map((subtree) => subtree.hash), ...this.#rest]);
  }

  async #rootWith(leaves: readonly Bytes[]): Promise<Bytes> {
    return fold([...this.#full.map((subtree) => subtree.hash), ...(await completeSubtrees(leaves))]);
  }

  async #append(tileRoot: Bytes): Promise<void> {
    let last: Subtree = { tiles: 1, hash: tileRoot };
    while (this.#full[this.#full.length - 1]?.tiles === last.tiles) {
      last = { tiles: 2 * last.tiles, hash: await nodeHash(this.#full.pop()!.hash, last.hash) };
    }
    this.#full.push(last);
  }

  /** Put a hash into the row of a level; a row that is full thereby is compared and hashed into the next. */
  async #add(level: number, hash: Bytes): Promise<void> {
    const row = (this.#rows[level - 1] ??= { hashes: [], full: 0 });
    row.hashes.push(hash);
    if (row.hashes.length < WIDTH) return;
    await this.#compare(level, row);
    const above = await rootOf(row.hashes.splice(0));
    row.full += 1;
    await this.#add(level + 1, above);
  }

  async #compare(level: number, { hashes, full }: Row): Promise<void> {
    const path = tilePath(level, full, hashes.length);
    this.#note(path, equal(await this.#reading.fetch(`${this.#reading.url}/${path}`, MAX_TILE), concat(...hashes)));
  }

  #note(path: string, agrees: boolean): void {
    this.#compared += 1;
    if (!agrees) this.#wrong = withFault(this.#wrong, ["wrongTile", path]);
  }
}
