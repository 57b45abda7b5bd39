/** What all pages share: language, heading with focus, loading, errors. */
import { type ComponentChildren, createContext } from "preact";
import { useCallback, useContext, useEffect, useRef, useState } from "preact/hooks";
import { ConnectionLost, Refused } from "../api/http.ts";
import type { Language, Poll, Text } from "../protocol/manifest.ts";
import type { TrustRoot } from "../protocol/trust.ts";
import { StorageRefused } from "../voting/storageRefused.ts";
import { fetchHeld } from "../held.ts";
import { type Messages, messagesIn, moment } from "./messages.ts";
import { first, type First } from "./messages/ruFirst.ts";
import { href, type Route } from "./route.ts";

interface Surroundings {
  readonly trust: TrustRoot;
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
  /** The poll that was asked for before this code was here, checked; null where there is none, or it did not come. */
  readonly early: Promise<Poll | null>;
}

export interface Speech<T> extends Surroundings {
  readonly t: T;
  readonly say: (text: Text) => string;
  readonly when: (date: Date) => string;
}

export const Here = createContext<Surroundings | null>(null);

/** What surrounds a page, with the sentences that are here from the first; here.ts has all. */
export function useHere(): Speech<First> {
  return useSpeech(first);
}

/** In English, or in these Russian sentences. */
export function useSpeech<T>(russian: T): Speech<T | Messages> {
  const here = useContext(Here);
  if (here === null) throw new Error("outside of the page");
  const { language } = here;
  return {
    ...here,
    t: messagesIn(language, russian),
    say: (text) => text[language] ?? text.ru ?? "",
    when: (date) => moment(date, language),
  };
}

interface PageProps {
  readonly title: string;
  readonly state: string;
  readonly caption?: string;
  /** What stands above the heading. */
  readonly above?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A page with its heading, which takes the focus when the page is shown, so that screen readers announce it. */
export function Page({ title, state, caption, above, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { t } = useHere();
  useEffect(() => {
    document.title = `${title} — ${t.service}`;
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [title, t]);
  return (
    <main id="content" class="page" data-state={state}>
      {above}
      <h1 tabIndex={-1} ref={heading}>
        {caption !== undefined && <span class="caption">{caption}</span>}
        {title}
      </h1>
      {children}
    </main>
  );
}

export function Back({ to, text }: { readonly to: Route; readonly text?: string }) {
  const { t } = useHere();
  return <a class="back" href={href(to)}>{text ?? t.back}</a>;
}

type Loaded<T> = { readonly value: T } | { readonly error: unknown } | "loading";

/** Load something again whenever `key` changes or `again` is called; nothing while it is `ready`. What was loaded for another key is not shown. */
export function useLoaded<T>(key: string, load: () => Promise<T>, ready: T | null = null): readonly [Loaded<T>, () => void] {
  const [state, setState] = useState<{ readonly of: string; readonly loaded: Loaded<T> }>({ of: key, loaded: ready === null ? "loading" : { value: ready } });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (ready !== null) return;
    let current = true;
    const set = (loaded: Loaded<T>): void => setState({ of: key, loaded });
    set("loading");
    load().then(
      (value) => current && set({ value }),
      (error: unknown) => current && set({ error }),
    );
    return () => {
      current = false;
    };
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [key, turn]);
  return [state.of === key ? state.loaded : "loading", useCallback(() => setTurn((before) => before + 1), [])];
}

/**
 * Do what a resident asks for, once at a time: whether it is being done, and how to ask. What fails is thrown when the page is drawn next, for the
 * frame to tell (app.tsx): nothing that was pressed fails in silence.
 */
export function useAct(): readonly [busy: boolean, act: (task: () => Promise<unknown>) => void] {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ readonly error: unknown } | null>(null);
  if (failed !== null) throw failed.error;
  const act = (task: () => Promise<unknown>): void => {
    if (busy) return;
    setBusy(true);
    task().then(() => setBusy(false), (error: unknown) => setFailed({ error }));
  };
  return [busy, act];
}

/** How many pages of waiting there are: one may come before the one that it follows has gone. */
let waiting = 0;

/** Said in the region of the frame, which was there before: one that comes with its words is not read out everywhere. */
export function Waiting(props: { readonly text?: string }) {
  const { t } = useHere();
  const text = props.text ?? t.loading;
  useEffect(() => {
    const region = document.getElementById("news");
    if (region === null) return;
    waiting += 1;
    region.textContent = text;
    return () => {
      waiting -= 1;
      if (waiting === 0) region.textContent = "";
    };
  }, [text]);
  return <main id="content" class="page" data-state="loading"><p class="lead quiet">{text}</p></main>;
}

/** What went wrong and what to do: refused, no connection, or data that do not verify. */
export function Trouble(props: { readonly error: unknown; readonly retry?: () => void; readonly children?: ComponentChildren }) {
  const { t } = useHere();
  const [title, text, state] =
    props.error instanceof Refused
      ? [t.refusedTitle, <Refusal slug={props.error.slug} />, props.error.slug]
      : props.error instanceof ConnectionLost
        ? [t.lostTitle, t.lost, "connection-lost"]
        : props.error instanceof StorageRefused
          ? [t.notKeptTitle, t.notKept, "unable"]
          : [t.untrustedTitle, t.untrusted, "untrusted"];
  return (
    <Page title={title} state={state}>
      <p class="notice">{text}</p>
      {props.retry !== undefined && helps(props.error) && (
        <button type="button" class="button" onClick={props.retry}>{t.retry}</button>
      )}
      {props.children}
      <AllPolls />
    </Page>
  );
}

/** Whether asking again may come to something else. */
function helps(error: unknown): boolean {
  return error instanceof Refused ? error.passing : error instanceof ConnectionLost || error instanceof StorageRefused;
}

/** Why, and what to do: loaded with the first refusal. */
function Refusal({ slug }: { readonly slug: string }) {
  const { t, language } = useHere();
  const [loaded] = useLoaded(slug, () => {
    fetchHeld('[href*="/refusals-"]');
    return import("./refusals.ts");
  });
  if (loaded === "loading") return null;
  return <>{"value" in loaded ? loaded.value.refusal(slug, language) : t.lost}</>;
}

/** The end of a page. */
export function AllPolls({ children }: { readonly children?: ComponentChildren }) {
  const { t } = useHere();
  return <div class="foot">{children}<p><a href="#/">{t.allPolls}</a></p></div>;
}

/** Above a heading that says that something is done. */
export function Tick() {
  return <svg class="tick-sign" viewBox="0 0 40 40" aria-hidden="true"><circle cx="20" cy="20" r="17" /><path d="M12 21l6 6 11-13" /></svg>;
}
