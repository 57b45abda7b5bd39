/** A poll: its text, which is checked and nothing more, and around what can be done now. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Poll } from "../protocol/manifest.ts";
import { fetchLater } from "../held.ts";
import { onDevice } from "./later.tsx";
import type { First } from "./messages/ruFirst.ts";
import { phase } from "./phase.ts";
import { Sealed } from "./sealed.tsx";
import { AllPolls, Page, Trouble, useHere, useLoaded } from "./shell.tsx";

export function Tag({ poll }: { readonly poll: Poll }) {
  const { t } = useHere();
  const state = phase(poll);
  return <span class={`tag ${state}`}>{{ soon: t.stateSoon, open: t.stateOpen, closed: t.stateClosed }[state]}</span>;
}

export const until = (poll: Poll, t: First): string => (phase(poll) === "closed" ? t.closedAt : t.closesAt);

export const placesOf = (poll: Poll): string => poll.territory.map((place) => place.name).join(", ");

const DAY = 86_400_000;

/** Milliseconds until the poll opens or closes; null where that is over, or more than a day ahead. */
function untilTheNext(poll: Poll): number | null {
  const left = [poll.opensAt, poll.closesAt].map((moment) => moment.getTime() - Date.now()).find((one) => one > 0);
  return left === undefined || left > DAY ? null : left;
}

/** How many ballots were issued, as soon as it is told. */
function Issued({ count }: { readonly count: Promise<number | null> }) {
  const { t } = useHere();
  const [told, setTold] = useState<number | null>(null);
  useEffect(() => void count.then(setTold), [count]);
  return told === null ? null : <><dt>{t.tokensIssued}</dt><dd>{told}</dd></>;
}

/** The text of a poll at once; what this device and the services know of it now when the code for that is here. */
export function PollPage({ poll }: { readonly poll: Poll }) {
  const { t, say, when } = useHere();
  const [now, again] = useLoaded(poll.id, async () => {
    const { Now, standing } = await onDevice();
    return { Now, standing: await standing(poll) };
  });
  useEffect(() => {
    if (now !== "loading" && phase(poll) === "open") fetchLater();
  }, [now]);
  useEffect(() => {
    const left = untilTheNext(poll);
    if (now === "loading" || left === null) return;
    const timer = setTimeout(again, left);
    return () => clearTimeout(timer);
  }, [now]);
  if (now !== "loading" && "error" in now) return <Trouble error={now.error} retry={again} />;
  const loaded = now === "loading" ? null : now.value;
  const value = loaded?.standing ?? null;
  const state = phase(poll);
  const spoken = (text: string): readonly JSX.Element[] => text.split("\n").map((line) => <p key={line} class="lead">{line}</p>);
  return (
    <Page title={say(poll.title)} state={value === null ? "poll-loading" : `poll-${state}`} above={<p>{value?.cancelled ? <span class="tag closed">{t.cancelled}</span> : <Tag poll={poll} />}</p>}>
      {spoken(say(poll.description))}
      <dl class="facts">
        {state === "soon" && value?.cancelled == null && <><dt>{t.opensAt}</dt><dd>{when(poll.opensAt)}</dd></>}
        {value?.cancelled == null && <><dt>{until(poll, t)}</dt><dd>{when(poll.closesAt)}</dd></>}
        <dt>{t.who}</dt><dd>{t.whoShort(placesOf(poll), poll.minimumAge)}</dd>
        <dt>{t.volume}</dt><dd>{poll.questions.length}</dd>
      </dl>
      {loaded === null ? <p class="act quiet">{t.loading}</p> : <loaded.Now poll={poll} standing={loaded.standing} />}
      <h2>{t.questions}</h2>
      <ol class="asked">
        {poll.questions.map((question) => (
          <li key={question.id}>
            {say(question.text)}
            <ul>{question.options.map((option) => <li key={option.id}>{say(option.text)}</li>)}</ul>
          </li>
        ))}
      </ol>
      <h2>{t.whoMay}</h2>
      <p>{t.whoText(placesOf(poll), poll.minimumAge)} {poll.residency === "verified" ? t.residencyVerified : t.residencyDeclared} {t.needAccount}</p>
      <h2>{t.secret}</h2>
      <p>{t.secretText}</p>
      {value?.result == null && <Sealed poll={poll} />}
      {state !== "closed" && value?.cancelled == null && <><h2>{t.after}</h2><p>{t.afterText}</p></>}
      <h2>{t.numbers}</h2>
      <dl class="facts">
        {value !== null && <Issued count={value.issued} />}
        {value !== null && value.published !== null && <><dt>{t.ballotsPublished}</dt><dd>{value.published}</dd></>}
        {poll.minimumParticipants > 0 && <><dt>{t.minimum}</dt><dd>{poll.minimumParticipants}</dd></>}
        <dt>{t.contact}</dt><dd class="plain">{poll.contact}</dd>
        <dt>{t.basis}</dt><dd class="plain">{poll.legalBasis}</dd>
      </dl>
      <AllPolls />
    </Page>
  );
}
