/** Coming to the page: whoever left a shared device is locked away first, and the device is watched from then on. */
import type { TrustRoot } from "../protocol/trust.ts";
import { lockIfGone, watchOverDevice } from "./session.ts";
import { type Returned, returnFromSignIn } from "./signIn.ts";
import { ableToVote } from "./vault.ts";

/** `gone`: called when this device was locked by another tab, or nobody has touched it for long. */
export async function arrive(gone: () => void): Promise<void> {
  watchOverDevice(gone);
  if (await ableToVote()) await lockIfGone(false);
}

/** Come back from a sign-in with the issuer's answer; null when it did not begin here. */
export async function returned(trust: TrustRoot, answer: URLSearchParams, gone: () => void): Promise<Returned | null> {
  watchOverDevice(gone);
  const end = await returnFromSignIn(trust, answer);
  await lockIfGone(end !== null);
  return end;
}
