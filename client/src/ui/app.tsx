/** The frame, and which page stands in it. What only a vote needs is loaded when it is needed. */
import type { ComponentChildren } from "preact";
import { useEffect, useErrorBoundary, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { Refused } from "../api/http.ts";
import type { Language, Poll } from "../protocol/manifest.ts";
import type { TrustRoot } from "../protocol/trust.ts";
import { Later, onDevice } from "./later.tsx";
import { loadMessages, messagesIn } from "./messages.ts";
import { first } from "./messages/ruFirst.ts";
import { PollPage } from "./poll.tsx";
import { href, parseRoute, type Route } from "./route.ts";
import { remember, remembered } from "./settings.ts";
import { AllPolls, Here, Page, Trouble, useHere, useLoaded, Waiting } from "./shell.tsx";

export function chosenLanguage(): Language {
  return remembered("language") === "en" ? "en" : "ru";
}

interface AppProps {
  readonly trust: TrustRoot;
  readonly early: Promise<Poll | null>;
  /** The poll of the address where it is checked already. */
  readonly ready: Poll | null;
}

export function App(props: AppProps) {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  const [language, speak] = useState(chosenLanguage);
  // Before anything is painted: an address that changes right after is followed, too.
  useLayoutEffect(() => {
    const follow = (): void => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
    remember("language", language);
  }, [language]);
  const here = useMemo(() => {
    const setLanguage = (wanted: Language): void => {
      remember("language", wanted);
      void loadMessages(wanted).then(() => speak(wanted)).catch(() => undefined);
    };
    return { trust: props.trust, early: props.early, language, setLanguage };
  }, [props.trust, props.early, language]);
  const t = messagesIn(language, first);
  return (
    <Here.Provider value={here}>
      <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); document.querySelector("h1")?.focus(); }}>{t.skip}</a>
      <Header route={route} />
      <Guarded place={href(route)}><Shown route={route} ready={props.ready} /></Guarded>
    </Here.Provider>
  );
}

/** What fails in a page is told instead of it, until one goes on or tries again. */
function Guarded({ place, children }: { readonly place: string; readonly children: ComponentChildren }) {
  const [error, again] = useErrorBoundary();
  useEffect(again, [place]);
  return error === undefined ? <>{children}</> : <Trouble error={error} retry={again} />;
}

function Header({ route }: { readonly route: Route }) {
  const { t, language, setLanguage } = useHere();
  const [lock] = useLoaded(href(route), async () => (await onDevice()).lockHere());
  const [panel, setPanel] = useState(false);
  const shared = lock !== "loading" && "value" in lock && lock.value !== undefined;
  return (
    <header>
      <div class="column bar">
        <a href="#/" class="name"><Sign />{t.service} <span>{t.serviceLead}</span></a>
        <div class="tools">
          <button type="button" aria-expanded={panel} aria-controls="appearance" onClick={() => setPanel(!panel)}>{t.appearance}</button>
          <button type="button" lang={language === "ru" ? "en" : "ru"} onClick={() => setLanguage(language === "ru" ? "en" : "ru")}>
            {t.otherLanguage}
          </button>
          {shared && <a class="leave" href={href({ page: "device", task: "lock" })}>{t.signOut}</a>}
        </div>
      </div>
      {panel && <Appearance close={() => setPanel(false)} />}
      <p id="news" class="hidden" role="status" />
    </header>
  );
}

/** That of index.html and of icon.svg. */
function Sign() {
  return <svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" /><path d="M8 17l5 5 11-12" /></svg>;
}

function Appearance({ close }: { readonly close: () => void }) {
  const [loaded] = useLoaded("appearance", onDevice);
  if (loaded === "loading" || "error" in loaded) return null;
  return <div class="column"><loaded.value.AppearancePanel close={close} /></div>;
}

function Shown({ route, ready }: { readonly route: Route; readonly ready: Poll | null }) {
  const { t } = useHere();
  switch (route.page) {
    case "polls":
      return <Later of="list" load={list} show={({ PollList }) => <PollList />} />;
    case "receipt":
      return <Later of="receipt" load={receipt} show={({ ReceiptPage }) => <ReceiptPage />} />;
    case "device":
      return <Later of="device" load={device} show={({ DevicePage }) => <DevicePage task={route.task} />} />;
    case "unknown":
      return <Page title={t.notFoundPage} state="unknown"><p class="lead">{t.notFoundText}</p><AllPolls /></Page>;
    default:
      return <OfOnePoll key={route.poll} route={route} ready={ready?.id === route.poll ? ready : null} />;
  }
}

function OfOnePoll({ route, ready }: { readonly route: Extract<Route, { poll: string }>; readonly ready: Poll | null }) {
  const { trust, early } = useHere();
  const [loaded, again] = useLoaded(route.poll, async () => {
    const poll = await early;
    return poll?.id === route.poll ? poll : (await onDevice()).openPoll(trust, route.poll);
  }, ready);
  if (loaded === "loading") return <Waiting />;
  if ("error" in loaded) return <Trouble error={loaded.error} retry={again} />;
  const poll = loaded.value;
  switch (route.page) {
    case "poll":
      return <PollPage poll={poll} />;
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

const list = () => import("./list.tsx");
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
