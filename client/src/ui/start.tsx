/** The first page, shown when this module is loaded: the pinned trust root, the way back from sign-in, the frame. */
import { render } from "preact";
import { ConnectionLost } from "../api/http.ts";
import { poll as asked } from "../asked.ts";
import { early, trust as checkedTrust } from "../checked.ts";
import type { TrustRoot } from "../protocol/trust.ts";
import { StorageRefused } from "../voting/storageRefused.ts";
import { App, chosenLanguage } from "./app.tsx";
import { gone, onDevice } from "./later.tsx";
import { loadMessages } from "./messages.ts";
import { first } from "./messages/ruFirst.ts";
import { href, type Route } from "./route.ts";
import { remember, remembered } from "./settings.ts";
import typeface from "./style/fonts.css?url";

async function start(root: HTMLElement): Promise<void> {
  const trust = await checkedTrust;
  const route = await arrivedAt(trust);
  if (route !== null) history.replaceState(null, "", `${location.pathname}${href(route)}`);
  await loadMessages(chosenLanguage()).catch(() => undefined);
  const ready = await Promise.race([early, null]);
  root.replaceChildren();
  render(<App trust={trust} early={early} ready={ready} />, root);
  void keep().catch(() => undefined);
  dressUp();
}

/** What the address says on arrival; code and state leave the address bar at once. */
async function arrivedAt(trust: TrustRoot): Promise<Route | null> {
  const query = new URLSearchParams(location.search);
  const answer = new URLSearchParams(location.hash.slice(1));
  if (query.has("issuer") && answer.has("state")) {
    history.replaceState(null, "", location.pathname);
    return returned(trust, answer);
  }
  const poll = query.get("poll");
  return poll !== null && /^[0-9a-f]{64}$/.test(poll) ? { page: "poll", poll } : null;
}

async function returned(trust: TrustRoot, answer: URLSearchParams): Promise<Route> {
  let route: Route = { page: "polls" };
  await onDevice(async (code) => {
    const end = await code.returned(trust, answer, gone);
    if (end === null) return;
    route = end.refused === null ? { page: "token", poll: end.pollId } : { page: "refused", poll: end.pollId, slug: end.refused };
  });
  return route;
}

async function keep(): Promise<void> {
  const [poll, served] = await Promise.all([early, asked]);
  if (poll !== null && served !== null) await (await onDevice()).keepPoll(served);
}

/** The typeface where an earlier page has fetched it; then, when everything else is here, what the next page needs. */
function dressUp(): void {
  if (remembered("fonts") !== null) document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: typeface }));
  setTimeout(() => void prepareNext().catch(() => undefined), 4000);
}

async function prepareNext(): Promise<void> {
  await navigator.serviceWorker?.register(new URL("offline.js", document.baseURI));
  if (remembered("fonts") !== null) return;
  const { fetchFonts } = await import("./fonts.ts");
  await fetchFonts();
  remember("fonts", "here");
}

const LOST = "Нет связи. Обновите страницу, когда она появится. No connection. Reload the page when there is one.";
/** Nothing more is loaded then, English neither. */
const NOT_KEPT = `${first.notKept} The browser keeps no data of this site. Free some space or allow it, and reload the page.`;
const UNTRUSTED = `${first.untrusted} The poll's data differ from what this page trusts. You cannot vote. Tell the organiser.`;

const root = document.getElementById("app");
if (root !== null) {
  start(root).catch((error: unknown) => {
    root.textContent = error instanceof ConnectionLost ? LOST : error instanceof StorageRefused ? NOT_KEPT : UNTRUSTED;
  });
}
