/** The frame, and which page stands in it. What only a vote needs is loaded when it is needed. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { Refused } from "../api/http.ts";
import type { Language } from "../protocol/manifest.ts";
import type { TrustRoot } from "../protocol/trust.ts";
import { openPoll } from "../voting/polls.ts";
import { watchOverDevice } from "../voting/session.ts";
import { lockHere } from "../voting/vault.ts";
import { AppearancePanel } from "./appearance.tsx";
import { fetchLater, Later } from "./later.tsx";
import { loadMessages, messagesIn } from "./messages.ts";
import { PollList, PollPage } from "./reading.tsx";
import { go, href, parseRoute, type Route } from "./route.ts";
import { remember, remembered } from "./settings.ts";
import { AllPolls, Here, Page, Trouble, useHere, useLoaded, Waiting } from "./shell.tsx";

export function chosenLanguage(): Language {
  return remembered("language") === "en" ? "en" : "ru";
}

export function App(props: { readonly trust: TrustRoot }) {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  const [language, speak] = useState(chosenLanguage);
  useEffect(() => {
    const follow = (): void => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", follow);
    watchOverDevice(() => {
      go({ page: "polls" });
      location.reload();
    });
    return () => removeEventListener("hashchange", follow);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
    remember("language", language);
  }, [language]);
  const here = useMemo(() => {
    const setLanguage = (wanted: Language): void => void loadMessages(wanted).then(() => speak(wanted)).catch(() => undefined);
    return { trust: props.trust, language, setLanguage };
  }, [props.trust, language]);
  const t = messagesIn(language);
  return (
    <Here.Provider value={here}>
      <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); document.querySelector("h1")?.focus(); }}>{t.skip}</a>
      <Header route={route} />
      <Shown route={route} />
    </Here.Provider>
  );
}

function Header({ route }: { readonly route: Route }) {
  const { t, language, setLanguage } = useHere();
  const [lock] = useLoaded(href(route), lockHere);
  const [panel, setPanel] = useState(false);
  const shared = lock !== "loading" && "value" in lock && lock.value !== undefined;
  return (
    <header>
      <div class="column bar">
        <a href="#/" class="name"><img src="./icon.svg" alt="" />{t.service} <span>{t.serviceLead}</span></a>
        <div class="tools">
          <button type="button" aria-expanded={panel} aria-controls="appearance" onClick={() => setPanel(!panel)}>{t.appearance}</button>
          <button type="button" lang={language === "ru" ? "en" : "ru"} onClick={() => setLanguage(language === "ru" ? "en" : "ru")}>
            {t.otherLanguage}
          </button>
          {shared && <a class="leave" href={href({ page: "device", task: "lock" })}>{t.signOut}</a>}
        </div>
      </div>
      {panel && <div class="column"><AppearancePanel close={() => setPanel(false)} /></div>}
      <p id="news" class="hidden" role="status" />
    </header>
  );
}

function Shown({ route }: { readonly route: Route }) {
  const { t } = useHere();
  switch (route.page) {
    case "polls":
      return <PollList />;
    case "receipt":
      return <Later of="receipt" load={receipt} show={({ ReceiptPage }) => <ReceiptPage />} />;
    case "device":
      return <Later of="device" load={device} show={({ DevicePage }) => <DevicePage task={route.task} />} />;
    case "unknown":
      return <Page title={t.notFoundPage} state="unknown"><p class="lead">{t.notFoundText}</p><AllPolls /></Page>;
    default:
      return <OfOnePoll key={route.poll} route={route} />;
  }
}

function OfOnePoll({ route }: { readonly route: Extract<Route, { poll: string }> }) {
  const { trust } = useHere();
  const [loaded, again] = useLoaded(route.poll, () => openPoll(trust, route.poll));
  if (loaded === "loading") return <Waiting />;
  if ("error" in loaded) return <Trouble error={loaded.error} retry={again} />;
  const poll = loaded.value;
  switch (route.page) {
    case "poll":
      return <PollPage poll={poll} prepare={fetchLater} />;
    case "refused":
      return <RefusedPage route={route} />;
    case "find":
      return <Later of="receipt" load={receipt} show={({ FindPage }) => <FindPage poll={poll} />} />;
    case "audit":
      return <Later of="audit" load={audit} show={({ AuditPage }) => <AuditPage poll={poll} />} />;
    default:
      return <Later of="voting" load={voting} show={({ VotingPage }) => <VotingPage poll={poll} route={route} />} />;
  }
}

const voting = () => import("./voting.tsx");
const receipt = () => import("./receipt.tsx");
const audit = () => import("./audit.tsx");
const device = () => import("./device.tsx");

function RefusedPage({ route }: { readonly route: { readonly poll: string; readonly slug: string } }) {
  const { t } = useHere();
  return (
    <Trouble error={new Refused(route.slug)}>
      <p><a href={`#/poll/${route.poll}`}>{t.backToPoll}</a></p>
      {route.slug === "account-not-confirmed" && <p class="quiet">{t.help}</p>}
    </Trouble>
  );
}
