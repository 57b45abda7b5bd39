/** Start: the pinned trust root, the way back from sign-in, the page. */
import { render } from "preact";
import { getBytes } from "./api/http.ts";
import { parseTrust, type TrustRoot } from "./protocol/trust.ts";
import { App, chosenLanguage } from "./ui/app.tsx";
import { applyAppearance } from "./ui/appearance.tsx";
import { loadMessages } from "./ui/messages.ts";
import { ru } from "./ui/messages/ru.ts";
import { href, type Route } from "./ui/route.ts";
import { remember, remembered } from "./ui/settings.ts";
import { lockIfGone } from "./voting/session.ts";
import { returnFromSignIn } from "./voting/signIn.ts";
import { ableToVote } from "./voting/vault.ts";

/** What the address says on arrival; code and state leave the address bar at once. */
async function arrive(trust: TrustRoot): Promise<Route | null> {
  const query = new URLSearchParams(location.search);
  const answer = new URLSearchParams(location.hash.slice(1));
  if (query.has("issuer") && answer.has("state")) {
    history.replaceState(null, "", location.pathname);
    return returned(trust, answer);
  }
  if (await ableToVote()) await lockIfGone(false);
  const poll = query.get("poll");
  if (poll !== null && /^[0-9a-f]{64}$/.test(poll)) return { page: "poll", poll };
  return null;
}

async function returned(trust: TrustRoot, answer: URLSearchParams): Promise<Route> {
  const end = await returnFromSignIn(trust, answer);
  await lockIfGone(end !== null);
  if (end === null) return { page: "polls" };
  if (end.refused !== null) return { page: "refused", poll: end.pollId, slug: end.refused };
  return { page: "token", poll: end.pollId };
}

async function start(root: HTMLElement): Promise<void> {
  const trust = await parseTrust(await getBytes(new URL("trust.json", document.baseURI).href));
  const route = await arrive(trust);
  if (route !== null) history.replaceState(null, "", `${location.pathname}${href(route)}`);
  await loadMessages(chosenLanguage()).catch(() => undefined);
  root.replaceChildren();
  render(<App trust={trust} />, root);
  dressUp();
}

/** The typeface where an earlier page has fetched it; then, when everything else is here, what the next page needs. */
function dressUp(): void {
  if (remembered("fonts") !== null) void import("./ui/style/fonts.css").catch(() => undefined);
  setTimeout(() => void prepareNext().catch(() => undefined), 4000);
}

async function prepareNext(): Promise<void> {
  await navigator.serviceWorker?.register(new URL("offline.js", document.baseURI));
  if (remembered("fonts") !== null) return;
  const { fetchFonts } = await import("./ui/fonts.ts");
  await fetchFonts();
  remember("fonts", "here");
}

/** Nothing more is loaded then, English neither. */
const UNTRUSTED = "The poll's data differ from what this page trusts. You cannot vote. Tell the organiser.";

applyAppearance();
const root = document.getElementById("app");
if (root !== null) {
  start(root).catch(() => {
    root.textContent = `${ru.untrusted} ${UNTRUSTED}`;
  });
}
