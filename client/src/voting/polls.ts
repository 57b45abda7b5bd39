/** Polls, kept on this device once they were seen: they never change, so the next page needs no connection for them. */
import { pollIds, readStatement } from "../api/board.ts";
import { ConnectionLost, Refused } from "../api/http.ts";
import { fetchPoll } from "../api/served.ts";
import type { Poll } from "../protocol/manifest.ts";
import { checkPoll, type ServedPoll, type TrustRoot } from "../protocol/trust.ts";
import { allVotes, keepPoll, keptPoll } from "./vault.ts";
import type { Vote } from "./vote.ts";

/** Checked like one that comes from outside. Throws Refused, ConnectionLost, and what checkPoll throws. */
export async function openPoll(trust: TrustRoot, id: string): Promise<Poll> {
  const kept = await keptPoll(id).catch(() => undefined);
  if (kept !== undefined) {
    const poll = await checkPoll(trust, kept).catch(() => null);
    if (poll !== null) return poll;
  }
  return fetched(trust, await fetchPoll(trust.box.url, id));
}

async function fetched(trust: TrustRoot, served: ServedPoll): Promise<Poll> {
  const poll = await checkPoll(trust, served);
  await keepPoll(served).catch(() => undefined);
  return poll;
}

/** The list of polls as far as it is read: what closes last stands first. */
export interface PollList {
  readonly polls: readonly Poll[];
  /** How many of them do not verify: they hide no other. */
  readonly unsound: number;
  /** Ids of those that come after. */
  readonly rest: readonly string[];
}

const AT_ONCE = 50;

/** All polls that are not over, and the last of those that are. */
export async function listPolls(trust: TrustRoot): Promise<PollList> {
  let list: PollList = { polls: [], unsound: 0, rest: await pollIds(trust) };
  do list = await readFurther(trust, list);
  while (list.rest.length > 0 && list.polls.every((poll) => new Date() < poll.closesAt));
  return list;
}

export async function readFurther(trust: TrustRoot, list: PollList): Promise<PollList> {
  const read = await Promise.all(list.rest.slice(0, AT_ONCE).map((id) => openPoll(trust, id).catch(unsound)));
  const polls = read.filter((poll) => poll !== null);
  return { polls: [...list.polls, ...polls], unsound: list.unsound + read.length - polls.length, rest: list.rest.slice(AT_ONCE) };
}

function unsound(error: unknown): null {
  if (error instanceof ConnectionLost || (error instanceof Refused && error.passing)) throw error;
  return null;
}

/** Those of these polls that were cancelled before their end; one that is not told now is taken for held. */
export async function cancelledOf(polls: readonly Poll[]): Promise<ReadonlySet<string>> {
  const before = polls.filter((poll) => new Date() < poll.closesAt);
  const said = await Promise.all(before.map((poll) => readStatement(poll, "cancellation").catch(() => null)));
  return new Set(before.flatMap((poll, at) => (said[at] === null ? [] : [poll.id])));
}

/** The votes that are here with their polls, those that can be shown without a connection. */
export async function votesHere(trust: TrustRoot): Promise<readonly (readonly [Poll, Vote])[]> {
  const votes = await allVotes();
  const polls = await Promise.all(votes.map((vote) => openPoll(trust, vote.pollId).catch(() => null)));
  return votes.flatMap((vote, at) => (polls[at] == null ? [] : [[polls[at], vote] as const]));
}
