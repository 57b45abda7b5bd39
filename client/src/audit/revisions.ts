/** Which ballots of one key count (protocol 8.2 rule 2), and which (key, revision) stand twice. */
import { type Faults, NO_FAULTS, withFault } from "./findings.ts";

/** A ballot's key (65 bytes as one character each), revision, leaf index. */
export interface Cast {
  readonly key: string;
  readonly revision: number;
  readonly index: number;
}

type Standing = Omit<Cast, "key">;

/** Some hundred bytes per ballot are kept. Ballots are taken in by ascending index. */
export class Revisions {
  readonly #standing = new Map<string, Standing>();
  /** The first ballot of each revision of keys that have more than one ballot. */
  readonly #first = new Map<string, number>();
  readonly #replaced: number[] = [];
  #repeated: Faults = NO_FAULTS;

  take({ key, revision, index }: Cast): void {
    const before = this.#standing.get(key);
    if (before === undefined) {
      this.#standing.set(key, { revision, index });
      return;
    }
    this.#noteRepeated(key, before, { revision, index });
    const later = revision > before.revision;
    this.#replaced.push(later ? before.index : index);
    if (later) this.#standing.set(key, { revision, index });
  }

  get repeated(): Faults {
    return this.#repeated;
  }

  /** Leaf indices of ballots that do not count, ascending. */
  get replaced(): readonly number[] {
    return [...this.#replaced].sort((left, right) => left - right);
  }

  #noteRepeated(key: string, before: Standing, now: Standing): void {
    const name = (one: Standing): string => `${key} ${one.revision}`;
    if (!this.#first.has(name(before))) this.#first.set(name(before), before.index);
    const earlier = this.#first.get(name(now));
    if (earlier === undefined) this.#first.set(name(now), now.index);
    else this.#repeated = withFault(this.#repeated, ["sameKey", now.index, earlier]);
  }
}
