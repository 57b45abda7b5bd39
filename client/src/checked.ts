/** What was asked for, checked as everything is (protocol 2.3, 3.5): hash, structure, signatures, services. */
import { poll, trustFile } from "./asked.ts";
import type { Poll } from "./protocol/manifest.ts";
import { checkPoll, parseTrust } from "./protocol/trust.ts";

/** Throws what parseTrust throws, and ConnectionLost. */
export const trust = trustFile.then(parseTrust);

/** The poll, null where there is none or it does not verify: then its page asks again, and says what is wrong. */
export const early = check().catch(() => null);

async function check(): Promise<Poll | null> {
  const served = await poll;
  return served === null ? null : checkPoll(await trust, served);
}

// Whoever waits for it hears of a failure; until then nobody does.
trust.catch(() => undefined);
