/** What this device keeps, in IndexedDB: votes by poll of whoever is at the device now, sign-ins under way, access tokens until they
 * are used (by poll and issuer URL), what others locked away, the last head seen of a log (by its URL). */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { SignIn } from "../api/issuer.ts";
import { equal } from "../crypto/bytes.ts";
import type { Lock } from "../crypto/passphrase.ts";
import type { SeenHead } from "../protocol/catalogue.ts";
import { encodeVotes } from "./copy.ts";
import type { ServedPoll } from "../protocol/trust.ts";
import { StorageRefused } from "./storageRefused.ts";
import { advance, type Event, further, type Vote } from "./vote.ts";

interface Schema extends DBSchema {
  votes: { key: string; value: Vote };
  signIns: { key: string; value: SignIn };
  access: { key: string; value: string };
  heads: { key: string; value: SeenHead };
  /** Every poll that was seen: it tells nothing of who takes part. */
  polls: { key: string; value: ServedPoll };
  /** Each the votes of one resident who locked them away (protocol 12). */
  locked: { key: number; value: string };
  /** The lock of whoever is at the device now, where others use it too. */
  lock: { key: "lock"; value: Lock };
}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

/** Do something with what is kept. Throws StorageRefused where the browser does not do it: forbidden, full, damaged. */
async function inDatabase<T>(task: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  opened ??= open();
  const db = await opened.catch(refused);
  return task(db).catch((error: unknown) => {
    if (!(error instanceof DOMException)) throw error;
    db.close();
    return refused(error);
  });
}

function refused(cause: unknown): never {
  forget();
  throw new StorageRefused("this browser does not keep it", { cause });
}

/** The next who asks opens it anew. */
function forget(): void {
  opened = undefined;
}

/** Where storage is forbidden, already the word `indexedDB` throws. */
async function open(): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>("veche", 4, {
    upgrade(db, version) {
      if (version < 1) {
        db.createObjectStore("votes", { keyPath: "pollId" });
        db.createObjectStore("signIns", { keyPath: "state" });
        db.createObjectStore("access");
      }
      if (version < 2) db.createObjectStore("heads");
      if (version < 3) {
        db.createObjectStore("locked", { autoIncrement: true });
        db.createObjectStore("lock");
      }
      if (version < 4) db.createObjectStore("polls", { keyPath: "id" });
    },
    // Browsers end connections of pages that sleep.
    terminated: forget,
    // A newer version of this page, in another tab, cannot begin before this one lets go.
    blocking(_current, _wanted, event) {
      forget();
      (event.target as IDBDatabase).close();
    },
  });
}

const DURABLE = { durability: "strict" } as const;
const OWN = ["votes", "signIns", "access", "lock"] as const;

/** Votes of two residents would meet under one roof. */
export class OthersHere extends Error {}

export async function voteOf(pollId: string): Promise<Vote | undefined> {
  return inDatabase((db) => db.get("votes", pollId));
}

/** Every vote of whoever is at the device. */
export async function allVotes(): Promise<readonly Vote[]> {
  return inDatabase((db) => db.getAll("votes"));
}

/** Forget all of whoever is here, and with `locked` what others locked away, in one transaction. */
export async function clearDevice(locked: boolean): Promise<void> {
  const stores = [...OWN, "heads" as const, "polls" as const, ...(locked ? (["locked"] as const) : [])];
  return inDatabase(async (db) => {
    const transaction = db.transaction(stores, "readwrite", DURABLE);
    await Promise.all([...stores.map((store) => transaction.objectStore(store).clear()), transaction.done]);
  });
}

/** What was locked away, by its number. */
export async function lockedAway(): Promise<ReadonlyMap<number, string>> {
  return inDatabase(async (db) => {
    const transaction = db.transaction("locked");
    const [numbers, sealed] = await Promise.all([transaction.store.getAllKeys(), transaction.store.getAll()]);
    return new Map(numbers.map((number, at) => [number, sealed[at]!]));
  });
}

export async function lockHere(): Promise<Lock | undefined> {
  return inDatabase((db) => db.get("lock", "lock"));
}

export async function keepLock(lock: Lock): Promise<void> {
  await inDatabase((db) => db.put("lock", lock, "lock"));
}

/** Replace all that belongs to whoever is here by what `sealing` makes of the votes, in one transaction. */
export async function putAway(sealing: (votes: readonly Vote[]) => Promise<string>): Promise<void> {
  for (;;) {
    const votes = await allVotes();
    const sealed = votes.length === 0 ? null : await sealing(votes);
    if (await inDatabase((db) => replaceBy(db, votes, sealed))) return;
  }
}

/** False, and nothing is done, when the votes are others by now. */
async function replaceBy(db: IDBPDatabase<Schema>, votes: readonly Vote[], sealed: string | null): Promise<boolean> {
  const transaction = db.transaction([...OWN, "locked" as const], "readwrite", DURABLE);
  const now = await transaction.objectStore("votes").getAll();
  const same = equal(encodeVotes(now), encodeVotes(votes));
  if (same) {
    if (sealed !== null) await transaction.objectStore("locked").add(sealed);
    await Promise.all(OWN.map((store) => transaction.objectStore(store).clear()));
  }
  await transaction.done;
  return same;
}

/** Bring back what was locked away under a number, in one transaction. Throws OthersHere when somebody else's votes are here. */
export async function bringBack(number: number, votes: readonly Vote[], lock: Lock): Promise<void> {
  return inDatabase(async (db) => {
    const transaction = db.transaction(["votes", "lock", "locked"], "readwrite", DURABLE);
    const store = transaction.objectStore("votes");
    if ((await store.count()) > 0) throw new OthersHere("lock first");
    await Promise.all([
      ...votes.map((vote) => store.put(vote)),
      transaction.objectStore("lock").put(lock, "lock"),
      transaction.objectStore("locked").delete(number),
      transaction.done,
    ]);
  });
}

/** Take votes in beside those that are here, the further one of each, all or none. Throws OthersHere on two keys for one poll. */
export async function takeIn(votes: readonly Vote[]): Promise<void> {
  return inDatabase(async (db) => {
    const transaction = db.transaction("votes", "readwrite", DURABLE);
    const merged: Vote[] = [];
    for (const vote of votes) {
      const standing = await transaction.store.get(vote.pollId);
      const kept = standing === undefined ? vote : further(standing, vote);
      if (kept === null) throw new OthersHere("another key for a poll");
      merged.push(kept);
    }
    await Promise.all([...merged.map((vote) => transaction.store.put(vote)), transaction.done]);
  });
}

/** Keep a new vote unless there is one; the one that stands. Durable when this returns. */
export async function keepNew(vote: Vote): Promise<Vote> {
  return inDatabase(async (db) => {
    const transaction = db.transaction("votes", "readwrite", DURABLE);
    const standing = await transaction.store.get(vote.pollId);
    await Promise.all([standing === undefined ? transaction.store.put(vote) : null, transaction.done]);
    return standing ?? vote;
  });
}

/** Apply an event to the vote that is kept; the vote after it. Durable when this returns. */
export async function apply(pollId: string, event: Event): Promise<Vote> {
  return inDatabase(async (db) => {
    const transaction = db.transaction("votes", "readwrite", DURABLE);
    const before = await transaction.store.get(pollId);
    if (before === undefined) throw new StorageRefused("the vote is not kept here");
    const after = advance(before, event);
    await Promise.all([transaction.store.put(after), transaction.done]);
    return after;
  });
}

export async function keepSignIn(signIn: SignIn): Promise<void> {
  await inDatabase((db) => db.put("signIns", signIn));
}

/** The sign-in of a state, once. */
export async function takeSignIn(state: string): Promise<SignIn | undefined> {
  return inDatabase(async (db) => {
    const transaction = db.transaction("signIns", "readwrite", DURABLE);
    const signIn = await transaction.store.get(state);
    await transaction.store.delete(state);
    await transaction.done;
    return signIn;
  });
}

export async function keepAccess(pollId: string, issuer: string, token: string): Promise<void> {
  await inDatabase((db) => db.put("access", token, `${pollId} ${issuer}`));
}

export async function accessOf(pollId: string, issuer: string): Promise<string | undefined> {
  return inDatabase((db) => db.get("access", `${pollId} ${issuer}`));
}

/** The polls that an access token waits for. */
export async function grantedPolls(): Promise<readonly string[]> {
  const keys = await inDatabase((db) => db.getAllKeys("access"));
  return [...new Set(keys.map((key) => key.split(" ")[0]!))];
}

export async function forgetAccess(pollId: string, issuer: string): Promise<void> {
  await inDatabase((db) => db.delete("access", `${pollId} ${issuer}`));
}

export async function seenHead(log: string): Promise<SeenHead | undefined> {
  return inDatabase((db) => db.get("heads", log));
}

/** Unless a longer one is kept, which another tab saw meanwhile. */
export async function keepHead(log: string, head: SeenHead): Promise<void> {
  return inDatabase(async (db) => {
    const transaction = db.transaction("heads", "readwrite");
    const before = await transaction.store.get(log);
    const longer = before === undefined || before.size <= head.size;
    await Promise.all([longer ? transaction.store.put(head, log) : null, transaction.done]);
  });
}

export async function keptPoll(id: string): Promise<ServedPoll | undefined> {
  return inDatabase((db) => db.get("polls", id));
}

export async function keepPoll(poll: ServedPoll): Promise<void> {
  await inDatabase((db) => db.put("polls", poll));
}

/** Run alone among all tabs. */
export async function alone<T>(pollId: string, task: () => Promise<T>): Promise<T> {
  return navigator.locks.request(`veche-${pollId}`, task) as Promise<T>;
}

/** Ask the browser not to clear what is kept; it may refuse. */
export async function askToPersist(): Promise<void> {
  await navigator.storage?.persist?.().catch(() => false);
}

/** Whether the browser promised not to clear what is kept. */
export async function isPersisted(): Promise<boolean> {
  return (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
}

/** Whether this browser can do what voting needs. */
export async function ableToVote(): Promise<boolean> {
  if (!globalThis.isSecureContext || !("locks" in navigator) || crypto.subtle === undefined) return false;
  return inDatabase(async () => true).catch(() => false);
}
