/** The frame, and which page stands in it. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { readPoll } from "../api/board.ts";
import { Refused } from "../api/http.ts";
import type { Language } from "../protocol/manifest.ts";
import type { TrustRoot } from "../protocol/trust.ts";
import { MESSAGES } from "./messages.ts";
import { DevicePage } from "./device.tsx";
import { PollList, PollPage } from "./reading.tsx";
import { FindPage, ReceiptPage } from "./receipt.tsx";
import { parseRoute, type Route } from "./route.ts";
import { Here, Page, Trouble, useHere, useLoaded, Waiting } from "./shell.tsx";
import { WaitPage } from "./sending.tsx";
import { CheckPage, DonePage, QuestionPage, SendPage, TokenPage } from "./voting.tsx";

const LANGUAGE = "veche-language";

export function App(props: { readonly trust: TrustRoot }) {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  const [language, setLanguage] = useState<Language>(() => (localStorage.getItem(LANGUAGE) === "en" ? "en" : "ru"));
  useEffect(() => {
    const follow = (): void => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
    localStorage.setItem(LANGUAGE, language);
  }, [language]);
  const here = useMemo(() => ({ trust: props.trust, language, setLanguage }), [props.trust, language]);
  const t = MESSAGES[language];
  return (
    <Here.Provider value={here}>
      <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); document.querySelector("h1")?.focus(); }}>{t.skip}</a>
      <header>
        <a href="#/" class="brand">{t.service}</a>
        <span class="quiet">{t.serviceLead}</span>
        <button type="button" class="language" lang={language === "ru" ? "en" : "ru"} onClick={() => setLanguage(language === "ru" ? "en" : "ru")}>
          {t.otherLanguage}
        </button>
      </header>
      <Shown route={route} />
    </Here.Provider>
  );
}

function Shown({ route }: { readonly route: Route }) {
  const { t } = useHere();
  switch (route.page) {
    case "polls":
      return <PollList />;
    case "receipt":
      return <ReceiptPage />;
    case "device":
      return <DevicePage />;
    case "unknown":
      return <Page title={t.notFoundPage} state="unknown"><p><a href="#/">{t.allPolls}</a></p></Page>;
    default:
      return <OfOnePoll key={route.poll} route={route} />;
  }
}

function OfOnePoll({ route }: { readonly route: Extract<Route, { poll: string }> }) {
  const { trust } = useHere();
  const [loaded, again] = useLoaded(route.poll, () => readPoll(trust, route.poll));
  if (loaded === "loading") return <Waiting />;
  if ("error" in loaded) return <Trouble error={loaded.error} retry={again} />;
  const poll = loaded.value;
  switch (route.page) {
    case "poll":
      return <PollPage poll={poll} />;
    case "token":
      return <TokenPage poll={poll} />;
    case "question":
      return <QuestionPage poll={poll} number={route.number} />;
    case "check":
      return <CheckPage poll={poll} />;
    case "wait":
      return <WaitPage poll={poll} />;
    case "send":
      return <SendPage poll={poll} />;
    case "done":
      return <DonePage poll={poll} />;
    case "find":
      return <FindPage poll={poll} />;
    case "refused":
      return <RefusedPage route={route} />;
  }
}

function RefusedPage({ route }: { readonly route: { readonly poll: string; readonly slug: string } }) {
  const { t } = useHere();
  return (
    <Trouble error={new Refused(route.slug)}>
      <p><a href={`#/poll/${route.poll}`}>{t.backToPoll}</a></p>
      <p class="quiet">{t.help}</p>
    </Trouble>
  );
}
