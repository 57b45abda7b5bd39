/** When a signed ballot leaves: at once, at a random moment while the page stays open, or later by hand. */
import { useEffect, useState } from "preact/hooks";
import type { Poll } from "../protocol/manifest.ts";
import { lockHere, voteOf } from "../voting/vault.ts";
import { useHere } from "./here.ts";
import { go, href } from "./route.ts";
import { AllPolls, Page, useLoaded, Waiting } from "./shell.tsx";

export type Moment = "now" | "random" | "later";

const MINUTE = 60_000;
const LONGEST = 30 * MINUTE;
const RESERVE = 10 * MINUTE;

/** How many milliseconds a ballot may wait by itself: half an hour, and never into the last ten minutes. */
export function longestWait(now: Date, closesAt: Date): number {
  return Math.max(0, Math.min(LONGEST, closesAt.getTime() - RESERVE - now.getTime()));
}

export function MomentChoice(props: { readonly poll: Poll; readonly moment: Moment; readonly choose: (moment: Moment) => void }) {
  const { t } = useHere();
  const [lock] = useLoaded("moment", lockHere);
  // On a shared device nobody leaves a page open behind them.
  const shared = lock !== "loading" && "value" in lock && lock.value !== undefined;
  const able = !shared && longestWait(new Date(), props.poll.closesAt) > MINUTE;
  const moments: readonly Moment[] = able ? ["now", "random", "later"] : ["now", "later"];
  const text = { now: t.momentNow, random: t.momentRandom, later: t.momentLater };
  return (
    <details>
      <summary>{t.moment}: {text[props.moment]}</summary>
      <fieldset>
        <legend>{t.momentWhy}</legend>
        {moments.map((moment) => (
          <label class="choice" key={moment}>
            <input type="radio" name="moment" checked={props.moment === moment} onChange={() => props.choose(moment)} />
            <span>{text[moment]}</span>
          </label>
        ))}
      </fieldset>
    </details>
  );
}

/** The ballot waits for its random moment; it leaves by itself, or by the button. */
export function WaitPage({ poll }: { readonly poll: Poll }) {
  const { t, when } = useHere();
  const [vote] = useLoaded(`wait-${poll.id}`, () => voteOf(poll.id));
  const [until] = useState(() => {
    const [random] = crypto.getRandomValues(new Uint32Array(1));
    return new Date(Date.now() + (random! / 2 ** 32) * longestWait(new Date(), poll.closesAt));
  });
  const waits = vote !== "loading" && "value" in vote && vote.value?.at === "sending";
  const leave = (): void => go({ page: waits ? "send" : "poll", poll: poll.id }, { replace: true });
  useEffect(() => {
    if (vote === "loading") return;
    const timer = setTimeout(leave, waits ? until.getTime() - Date.now() : 0);
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [waits, vote === "loading"]);
  if (!waits) return <Waiting />;
  const latest = new Date(Date.now() + longestWait(new Date(), poll.closesAt));
  return (
    <Page title={t.notSentTitle} state="waiting">
      <p class="lead">{t.waitText(when(latest))}</p>
      <p class="notice">{t.waitKept}</p>
      <button type="button" class="button" onClick={leave}>{t.sendNow}</button>
      <AllPolls><p><a href={href({ page: "poll", poll: poll.id })}>{t.backToPoll}</a></p></AllPolls>
    </Page>
  );
}
