/**
 * Who is at the device. On a shared one each resident's votes are locked under a passphrase when they leave, and nobody sees or spends
 * another's; on one's own there is no lock, and nothing of this happens.
 */
import { makeLock, NotOpened, open, seal } from "../crypto/passphrase.ts";
import { fromUtf8, utf8 } from "../crypto/bytes.ts";
import { decodeVotes, encodeVotes } from "./copy.ts";
import { allVotes, bringBack, keepLock, lockedAway, lockHere, putAway, takeIn } from "./vault.ts";

/** In this tab, and so through a sign-in and a reload, but not in the next tab. */
const HERE = "veche-here";
const IDLE_MS = 10 * 60_000;

let channel: BroadcastChannel | undefined;

/** One per tab: what a tab says here, it does not hear itself. */
function tabs(): BroadcastChannel {
  channel ??= new BroadcastChannel("veche-left");
  return channel;
}

/** From now on what is kept here can be locked at any moment without asking for the passphrase. */
export async function protect(passphrase: string): Promise<void> {
  await keepLock(await makeLock(passphrase));
  sessionStorage.setItem(HERE, "");
}

/** Lock what is here under its lock; every tab forgets it. */
export async function leave(): Promise<void> {
  const lock = await lockHere();
  if (lock === undefined) return;
  await putAway((votes) => seal(lock, encodeVotes(votes)));
  sessionStorage.removeItem(HERE);
  tabs().postMessage("left");
}

/** Open what this passphrase locked here. Throws NotOpened, OthersHere. */
export async function comeBack(passphrase: string): Promise<void> {
  for (const [number, sealed] of await lockedAway()) {
    const opened = await open(passphrase, sealed).catch(() => null);
    if (opened === null) continue;
    await bringBack(number, decodeVotes(opened.plaintext), opened.lock);
    sessionStorage.setItem(HERE, "");
    return;
  }
  throw new NotOpened("nothing here is locked with this passphrase");
}

/** A file with all votes that are here. */
export async function saveCopy(passphrase: string): Promise<Uint8Array<ArrayBuffer>> {
  return utf8(await seal(await makeLock(passphrase), encodeVotes(await allVotes())));
}

/** Take in such a file. Throws NotOpened, OthersHere. */
export async function restoreCopy(passphrase: string, file: Uint8Array): Promise<void> {
  const { plaintext } = await open(passphrase, fromUtf8(file).trim());
  await takeIn(decodeVotes(plaintext));
}

/** On arrival: whoever was here on a shared device and closed the tab has left. `returning`: from a sign-in that began here. */
export async function lockIfGone(returning: boolean): Promise<void> {
  if ((await lockHere()) === undefined) return;
  if (returning) sessionStorage.setItem(HERE, "");
  else if (sessionStorage.getItem(HERE) === null) await leave();
}

/** Call back when another tab has locked, and lock by itself after ten minutes without a touch or a key. */
export function watchOverDevice(gone: () => void): void {
  let touched = Date.now();
  const touch = (): void => void (touched = Date.now());
  const look = async (): Promise<void> => {
    if (Date.now() - touched < IDLE_MS || (await lockHere()) === undefined) return;
    await leave();
    gone();
  };
  const watched = tabs().onmessage !== null;
  tabs().onmessage = gone;
  if (watched) return;
  for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, touch, { passive: true });
  const again = (): void => void look().catch(() => undefined);
  document.addEventListener("visibilitychange", again);
  setInterval(again, 30_000);
}
