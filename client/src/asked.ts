/** What the first page needs from the services, asked for before the code that checks it is here. */
import { getPreloaded } from "./api/http.ts";
import { fetchPoll } from "./api/served.ts";
import type { ServedPoll } from "./protocol/trust.ts";

/** The trust root's bytes. */
export const trustFile = getPreloaded(new URL("trust.json", document.baseURI).href);

/** The poll of the address, unchecked; null where there is none or it does not come. */
export const poll = pollOfAddress().catch(() => null);

/** A browser that was here before has kept the poll beside this page, and looks there first. */
async function pollOfAddress(): Promise<ServedPoll | null> {
  const id = /(?:[?&]poll=|#\/poll\/)([0-9a-f]{64})$/.exec(location.href)?.[1];
  if (id === undefined || navigator.serviceWorker?.controller) return null;
  return fetchPoll(JSON.parse(new TextDecoder().decode(await trustFile)).ballot_box.url, id);
}

// Whoever waits for it hears of a failure; until then nobody does.
trustFile.catch(() => undefined);
