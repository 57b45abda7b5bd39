/** Instant run-off over ranked ballots (protocol 8.5), without any draw of lots. */
import type { Round } from "../protocol/statements.ts";

export interface Ranked {
  /** Option ids, the best first. */
  readonly order: readonly string[];
  readonly ballots: number;
}

interface RunOff {
  readonly rounds: readonly Round[];
  readonly leading: readonly string[];
}

type Votes = ReadonlyMap<string, number>;

export function runOff(options: readonly string[], ranked: readonly Ranked[]): RunOff {
  const rounds: Round[] = [];
  const named = namings(options, ranked);
  for (let inside = options; ; ) {
    const { votes, exhausted } = oneRound(inside, ranked);
    const total = [...votes.values()].reduce((sum, number) => sum + number, 0);
    const winner = inside.find((option) => 2 * votes.get(option)! > total);
    const out = weakest(inside, [votes, ...rounds.map((round) => round.votes).reverse(), named]);
    const over = winner !== undefined || out.length === inside.length;
    rounds.push({ votes, exhausted, eliminated: over ? [] : out });
    if (winner !== undefined) return { rounds, leading: [winner] };
    if (over) return { rounds, leading: total === 0 ? [] : inside };
    inside = inside.filter((option) => !out.includes(option));
  }
}

/** Each ballot is for the best option of it that is still in. */
function oneRound(inside: readonly string[], ranked: readonly Ranked[]): { readonly votes: Votes; readonly exhausted: number } {
  const votes = new Map(inside.map((option) => [option, 0]));
  let exhausted = 0;
  for (const { order, ballots } of ranked) {
    const best = order.find((option) => votes.has(option));
    if (best === undefined) exhausted += ballots;
    else votes.set(best, votes.get(best)! + ballots);
  }
  return { votes, exhausted };
}

/** Who has the fewest by the first of these numbers; of those, by the next; and so on. */
function weakest(inside: readonly string[], numbers: readonly Votes[]): readonly string[] {
  return numbers.reduce((left, by) => {
    const fewest = Math.min(...left.map((option) => by.get(option)!));
    return left.filter((option) => by.get(option) === fewest);
  }, inside);
}

/** How many ballots rank an option at all. */
function namings(options: readonly string[], ranked: readonly Ranked[]): Votes {
  return new Map(options.map((option) => [option, ranked.reduce((sum, { order, ballots }) => sum + (order.includes(option) ? ballots : 0), 0)]));
}
