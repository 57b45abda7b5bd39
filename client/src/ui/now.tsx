/** What this device and the services know of a poll now, and what can be done: the code that comes after a poll's text. */
import { useState } from "preact/hooks";
import { issued, readCheckpoint, readResult, readState, readStatement } from "../api/board.ts";
import type { Poll, Text } from "../protocol/manifest.ts";
import type { Result } from "../protocol/statements.ts";
import { changeVote, everyIssuer, keepVote, signIn } from "../voting/signIn.ts";
import { ableToVote, lockedAway, lockHere, voteOf } from "../voting/vault.ts";
import { receiptOf, type Vote } from "../voting/vote.ts";
import { useHere } from "./here.ts";
import { Outcome } from "./outcome.tsx";
import { phase } from "./phase.ts";
import { go, href } from "./route.ts";
import { remember, remembered } from "./settings.ts";
import { useAct } from "./shell.tsx";

export { arrive, returned } from "../voting/arrival.ts";
export { openPoll } from "../voting/polls.ts";
export { keepPoll, lockHere } from "../voting/vault.ts";
export { AppearancePanel } from "./panel.tsx";

export interface Standing {
  readonly vote: Vote | undefined;
  readonly able: boolean;
  /** Others locked their ballots away here. */
  readonly locked: boolean;
  /** Whoever is here has a lock already. */
  readonly protected: boolean;
  /** Not waited for: an issuer that does not answer holds up nobody. */
  readonly issued: Promise<number | null>;
  readonly published: number | null;
  readonly result: Result | null;
  readonly awaitsOpening: boolean;
  readonly cancelled: Text | null;
  readonly decision: Text | null;
}

export async function standing(poll: Poll): Promise<Standing> {
  const able = await ableToVote();
  const closed = phase(poll) === "closed";
  const told = issued(poll).catch(() => null);
  const [cancelled, decision, vote, locked, lock, head, result, state] = await Promise.all([
    readStatement(poll, "cancellation"),
    closed ? readStatement(poll, "decision") : null,
    able ? voteOf(poll.id) : undefined,
    able ? lockedAway() : new Map(),
    able ? lockHere() : undefined,
    readCheckpoint(poll).catch(() => null),
    closed ? readResult(poll) : null,
    closed && poll.sealing !== null ? readState(poll).catch(() => null) : null,
  ]);
  const awaitsOpening = state?.awaitsOpening ?? false;
  const over = result !== null || awaitsOpening || cancelled !== null;
  const published = head === null ? null : Math.max(0, head.size - 1 - (over ? 1 : 0));
  return { vote, able, locked: locked.size > 0, protected: lock !== undefined, issued: told, published, result, awaitsOpening, cancelled, decision };
}

/** What can be done now: vote, go on, look at the result. */
export function Now({ poll, standing: now }: { readonly poll: Poll; readonly standing: Standing }) {
  const { t, say } = useHere();
  const state = phase(poll);
  return (
    <>
      {now.cancelled !== null ? (
        <Said title={t.cancelled} text={say(now.cancelled)} />
      ) : state === "closed" ? (
        <Outcome poll={poll} result={now.result} awaitsOpening={now.awaitsOpening} />
      ) : (
        <div class="act"><Action poll={poll} standing={now} open={state === "open"} /></div>
      )}
      {now.decision !== null && <Said title={t.decision} text={say(now.decision)} />}
      {state === "closed" && <Own poll={poll} vote={now.vote} />}
    </>
  );
}

/** One's own ballot of a poll that is over: accepted, or signed and perhaps too late (the box tells, protocol 6.5). */
function Own({ poll, vote }: { readonly poll: Poll; readonly vote: Vote | undefined }) {
  const { t } = useHere();
  const place = { poll: poll.id };
  return (
    <>
      {vote?.at === "sending" && (
        <div class="notice">
          <h2>{t.lateTitle}</h2>
          <p>{t.late}</p>
          <a class="button secondary" href={href({ page: "send", ...place })}>{t.lateAsk}</a>
        </div>
      )}
      {receiptOf(vote) !== null && <p><a class="button secondary" href={href({ page: "find", ...place })}>{t.find}</a></p>}
    </>
  );
}

function Said(props: { readonly title: string; readonly text: string }) {
  return (
    <div class="notice">
      <h2>{props.title}</h2>
      {props.text.split("\n").map((line) => <p key={line}>{line}</p>)}
    </div>
  );
}

function Action(props: { readonly poll: Poll; readonly standing: Standing; readonly open: boolean }) {
  const { poll, standing: now } = props;
  const { t, when } = useHere();
  if (!now.able) {
    return <><h2>{t.unableTitle}</h2><p>{t.unable}</p><ul><li>{t.unableWindow}</li><li>{t.unableCookies}</li><li>{t.unableOther}</li></ul></>;
  }
  if (!props.open) return <p>{t.notYetOpen(when(poll.opensAt))}</p>;
  switch (now.vote?.at) {
    case undefined:
      return <Enter poll={poll} standing={now} />;
    case "collecting":
    case "asking":
      return <><a class="button" href={href({ page: "token", poll: poll.id })}>{t.resume}</a><NotYours /></>;
    case "answering":
      return (
        <>
          {now.vote.stands !== null && <><h2>{t.changingTitle}</h2><p>{t.stands}</p></>}
          <a class="button" href={href({ page: "question", poll: poll.id, number: 1 })}>{t.resume}</a>
          {now.vote.stands !== null && <KeepVote poll={poll} />}
          <NotYours />
        </>
      );
    case "sending":
      return (
        <>
          <h2>{t.notSentTitle}</h2>
          <p>{t.notSent} {t.sendBefore(when(poll.closesAt))}{now.vote.stands !== null && ` ${t.stands}`}</p>
          <a class="button" href={href({ page: "send", poll: poll.id })}>{t.sendNow}</a>
          <NotYours />
        </>
      );
    case "cast":
      return (
        <>
          <h2>{t.castTitle}</h2>
          <p><a class="button secondary" href={href({ page: "done", poll: poll.id })}>{t.receiptAndNext}</a></p>
          {poll.revoting && <ChangeVote poll={poll} />}
          <NotYours />
        </>
      );
  }
}

/** To the sign-in; where others use the device too, first to a passphrase. */
function Enter({ poll, standing: now }: { readonly poll: Poll; readonly standing: Standing }) {
  const { trust, t, language } = useHere();
  const [busy, act] = useAct();
  const [shared, setShared] = useState(() => now.protected || now.locked || remembered("shared") !== null);
  const enter = (): void => {
    remember("shared", shared ? "yes" : null);
    if (shared && !now.protected) go({ page: "protect", poll: poll.id });
    else act(() => signIn(trust, poll, everyIssuer(poll), language));
  };
  return (
    <>
      <button type="button" class="button" disabled={busy} onClick={enter}>{t.vote}</button>
      <p class="quiet">{poll.threshold === 1 ? t.voteHint : t.voteHintSeveral(poll.threshold)}</p>
      {!now.protected && (
        <label class="tick">
          <input type="checkbox" checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
          <span>{t.shared}<span class="quiet line">{t.sharedHint}</span></span>
        </label>
      )}
      {now.locked && !now.protected && <p>{t.lockedHere} <a href={href({ page: "device", task: "unlock" })}>{t.unlock}</a></p>}
    </>
  );
}

function NotYours() {
  const { t } = useHere();
  return <p class="quiet">{t.notYours} <a href={href({ page: "device", task: "lock" })}>{t.notYoursLock}</a></p>;
}

function ChangeVote({ poll }: { readonly poll: Poll }) {
  const { t } = useHere();
  const [, act] = useAct();
  const change = async (): Promise<void> => {
    await changeVote(poll);
    go({ page: "question", poll: poll.id, number: 1 });
  };
  return (
    <>
      <p>{t.changeVoteText}</p>
      <button type="button" class="button secondary" onClick={() => act(change)}>{t.changeVote}</button>
    </>
  );
}

function KeepVote({ poll }: { readonly poll: Poll }) {
  const { t } = useHere();
  const [, act] = useAct();
  const keep = async (): Promise<void> => {
    await keepVote(poll);
    go({ page: "done", poll: poll.id });
  };
  return <p><button type="button" class="button secondary" onClick={() => act(keep)}>{t.keepVote}</button></p>;
}
