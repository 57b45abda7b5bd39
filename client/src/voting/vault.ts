/** What this device keeps, in IndexedDB: votes by poll, sign-ins under way, access tokens until they are used (by poll and
 * issuer URL), the last head seen of a log (by its URL). */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { SignIn } from "../api/issuer.ts";
import type { SeenHead } from "../protocol/catalogue.ts";
import { advance, type Event, type Vote } from "./vote.ts";

interface Schema extends DBSchema {
  votes: { key: string; value: Vote };
  signIns: { key: string; value: SignIn };
  access: { key: string; value: string };
  heads: { key: string; value: SeenHead };
}

export class StorageRefused extends Error {}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("veche", 2, {
    upgrade(db, version) {
      if (version < 1) {
        db.createObjectStore("votes", { keyPath: "pollId" });
        db.createObjectStore("signIns", { keyPath: "state" });
        db.createObjectStore("access");
      }
      db.createObjectStore("heads");
    },
  }).catch((error: unknown) => {
    throw new StorageRefused("this browser keeps nothing", { cause: error });
  });
  return opened;
}

const DURABLE = { durability: "strict" } as const;

export async function voteOf(pollId: string): Promise<Vote | undefined> {
  return (await database()).get("votes", pollId);
}

/** Every vote that this device keeps. */
export async function allVotes(): Promise<readonly Vote[]> {
  return (await database()).getAll("votes");
}

/** Forget everything, in one transaction. */
export async function clearDevice(): Promise<void> {
  const stores = ["votes", "signIns", "access", "heads"] as const;
  const transaction = (await database()).transaction(stores, "readwrite", DURABLE);
  await Promise.all([...stores.map((store) => transaction.objectStore(store).clear()), transaction.done]);
}

/** Keep a new vote unless there is one; the one that stands. Durable when this returns. */
export async function keepNew(vote: Vote): Promise<Vote> {
  const transaction = (await database()).transaction("votes", "readwrite", DURABLE);
  const standing = await transaction.store.get(vote.pollId);
  if (standing === undefined) await transaction.store.put(vote);
  await transaction.done;
  return standing ?? vote;
}

/** Apply an event to the vote that is kept; the vote after it. Durable when this returns. */
export async function apply(pollId: string, event: Event): Promise<Vote> {
  const transaction = (await database()).transaction("votes", "readwrite", DURABLE);
  const before = await transaction.store.get(pollId);
  if (before === undefined) throw new StorageRefused("the vote is not kept here");
  const after = advance(before, event);
  await transaction.store.put(after);
  await transaction.done;
  return after;
}

export async function keepSignIn(signIn: SignIn): Promise<void> {
  await (await database()).put("signIns", signIn);
}

/** The sign-in of a state, once. */
export async function takeSignIn(state: string): Promise<SignIn | undefined> {
  const transaction = (await database()).transaction("signIns", "readwrite", DURABLE);
  const signIn = await transaction.store.get(state);
  await transaction.store.delete(state);
  await transaction.done;
  return signIn;
}

export async function keepAccess(pollId: string, issuer: string, token: string): Promise<void> {
  await (await database()).put("access", token, `${pollId} ${issuer}`);
}

export async function accessOf(pollId: string, issuer: string): Promise<string | undefined> {
  return (await database()).get("access", `${pollId} ${issuer}`);
}

export async function forgetAccess(pollId: string, issuer: string): Promise<void> {
  await (await database()).delete("access", `${pollId} ${issuer}`);
}

export async function seenHead(log: string): Promise<SeenHead | undefined> {
  return (await database()).get("heads", log);
}

export async function keepHead(log: string, head: SeenHead): Promise<void> {
  await (await database()).put("heads", head, log);
}

/** Run alone among all tabs. */
export async function alone<T>(pollId: string, task: () => Promise<T>): Promise<T> {
  return navigator.locks.request(`veche-${pollId}`, task) as Promise<T>;
}

/** Ask the browser not to clear what is kept; it may refuse. */
export async function askToPersist(): Promise<void> {
  await navigator.storage?.persist?.().catch(() => false);
}

/** Whether this browser can do what voting needs. */
export async function ableToVote(): Promise<boolean> {
  if (!globalThis.isSecureContext || !("locks" in navigator) || crypto.subtle === undefined) return false;
  return database().then(() => true, () => false);
}
