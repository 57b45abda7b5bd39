/** Pages to read: the list of polls, a poll, its result. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { issued, readCheckpoint, readResult, readState, readStatement } from "../api/board.ts";
import type { Poll, Text } from "../protocol/manifest.ts";
import type { Result } from "../protocol/statements.ts";
import { listPolls, votesHere } from "../voting/polls.ts";
import { changeVote, signIn } from "../voting/signIn.ts";
import { ableToVote, lockedAway, lockHere, voteOf } from "../voting/vault.ts";
import type { Vote } from "../voting/vote.ts";
import type { Messages } from "./messages.ts";
import { Outcome } from "./outcome.tsx";
import { go, href } from "./route.ts";
import { Sealed } from "./sealed.tsx";
import { remember, remembered } from "./settings.ts";
import { AllPolls, Page, Trouble, useHere, useLoaded, Waiting } from "./shell.tsx";

type Phase = "soon" | "open" | "closed";

function phase(poll: Poll): Phase {
  const now = new Date();
  if (now < poll.opensAt) return "soon";
  return now < poll.closesAt ? "open" : "closed";
}

export function PollList() {
  const { trust, t, say, when } = useHere();
  const [polls, again] = useLoaded("polls", () => listPolls(trust));
  if (polls === "loading") return <Waiting />;
  if ("error" in polls) return <Trouble error={polls.error} retry={again}><MyVotes /></Trouble>;
  const shown = [...polls.value].sort((left, right) => right.closesAt.getTime() - left.closesAt.getTime());
  return (
    <Page title={t.polls} state="polls">
      <p class="lead">{t.pollsLead}</p>
      {shown.length === 0 && <p class="notice">{t.noPolls}</p>}
      <ul class="cards">
        {shown.map((poll) => (
          <li key={poll.id} class="card">
            <Tag poll={poll} />
            <h2><a href={href({ page: "poll", poll: poll.id })}>{say(poll.title)}</a></h2>
            <p>{poll.territory.join(", ")}</p>
            <p class="quiet">{until(poll, t)}: {when(poll.closesAt)}</p>
          </li>
        ))}
      </ul>
      <h2>{t.more}</h2>
      <ul class="tasks">
        <li><a href={href({ page: "device", task: null })}>{t.device}</a><span class="quiet">{t.deviceHint}</span></li>
        <li><a href={href({ page: "receipt" })}>{t.receiptCheck}</a><span class="quiet">{t.receiptHint}</span></li>
      </ul>
      <h2>{t.helpTitle}</h2>
      <p>{t.help}</p>
      <details><summary>{t.fingerprint}</summary><p><code>{trust.fingerprint}</code></p></details>
    </Page>
  );
}

/** What can be read without a connection: one's own ballots and receipts. */
function MyVotes() {
  const { trust, t, say } = useHere();
  const [votes] = useLoaded("my-votes", () => votesHere(trust));
  if (votes === "loading" || "error" in votes || votes.value.length === 0) return null;
  return (
    <>
      <h2>{t.device}</h2>
      <ul class="tasks">
        {votes.value.map(([poll, vote]) => (
          <li key={poll.id}>
            <a href={href({ page: vote.at === "cast" ? "done" : "poll", poll: poll.id })}>{say(poll.title)}</a>
            <span class="quiet">{vote.at === "cast" ? t.receipt : t.notSentTitle}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Tag({ poll }: { readonly poll: Poll }) {
  const { t } = useHere();
  const state = phase(poll);
  return <span class={`tag ${state}`}>{{ soon: t.stateSoon, open: t.stateOpen, closed: t.stateClosed }[state]}</span>;
}

const until = (poll: Poll, t: Messages): string => (phase(poll) === "closed" ? t.closedAt : t.closesAt);

interface Standing {
  readonly vote: Vote | undefined;
  readonly able: boolean;
  /** Others locked their ballots away here. */
  readonly locked: boolean;
  /** Whoever is here has a lock already. */
  readonly protected: boolean;
  readonly issued: number | null;
  readonly published: number | null;
  readonly result: Result | null;
  readonly awaitsOpening: boolean;
  readonly cancelled: Text | null;
  readonly decision: Text | null;
}

async function standing(poll: Poll): Promise<Standing> {
  const able = await ableToVote();
  const closed = phase(poll) === "closed";
  const [cancelled, decision, vote, locked, lock, tokens, head, result, state] = await Promise.all([
    readStatement(poll, "cancellation"),
    closed ? readStatement(poll, "decision") : null,
    able ? voteOf(poll.id) : undefined,
    able ? lockedAway() : new Map(),
    able ? lockHere() : undefined,
    issued(poll).catch(() => null),
    readCheckpoint(poll).catch(() => null),
    closed ? readResult(poll) : null,
    closed && poll.sealing !== null ? readState(poll).catch(() => null) : null,
  ]);
  const awaitsOpening = state?.awaitsOpening ?? false;
  const published = head === null ? null : Math.max(0, head.size - 1 - (result === null && !awaitsOpening ? 0 : 1));
  return { vote, able, locked: locked.size > 0, protected: lock !== undefined, issued: tokens, published, result, awaitsOpening, cancelled, decision };
}

export function PollPage(props: { readonly poll: Poll; readonly prepare: () => void }) {
  const { poll, prepare } = props;
  const { t, say, when } = useHere();
  const [now, again] = useLoaded(poll.id, () => standing(poll));
  useEffect(() => {
    if (now !== "loading" && phase(poll) === "open") prepare();
  }, [now]);
  if (now !== "loading" && "error" in now) return <Trouble error={now.error} retry={again} />;
  const value = now === "loading" ? null : now.value;
  const state = phase(poll);
  const spoken = (text: string): readonly JSX.Element[] => text.split("\n").map((line) => <p key={line} class="lead">{line}</p>);
  return (
    <Page title={say(poll.title)} state={value === null ? "poll-loading" : `poll-${state}`} above={<p>{value?.cancelled ? <span class="tag closed">{t.cancelled}</span> : <Tag poll={poll} />}</p>}>
      {spoken(say(poll.description))}
      <dl class="facts">
        {state === "soon" && <><dt>{t.opensAt}</dt><dd>{when(poll.opensAt)}</dd></>}
        <dt>{until(poll, t)}</dt><dd>{when(poll.closesAt)}</dd>
        <dt>{t.who}</dt><dd>{t.whoShort(poll.territory.join(", "), poll.minimumAge)}</dd>
        <dt>{t.volume}</dt><dd>{poll.questions.length}</dd>
      </dl>
      {value === null ? <p class="act quiet">{t.loading}</p> : <Now poll={poll} standing={value} />}
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
      <p>{t.whoText(poll.territory.join(", "), poll.minimumAge)} {poll.residency === "verified" ? t.residencyVerified : t.residencyDeclared} {t.needAccount}</p>
      <h2>{t.secret}</h2>
      <p>{t.secretText}</p>
      <Sealed poll={poll} />
      <h2>{t.after}</h2>
      <p>{t.afterText}</p>
      <h2>{t.numbers}</h2>
      <dl class="facts">
        {value !== null && value.issued !== null && <><dt>{t.tokensIssued}</dt><dd>{value.issued}</dd></>}
        {value !== null && value.published !== null && <><dt>{t.ballotsPublished}</dt><dd>{value.published}</dd></>}
        {poll.minimumParticipants > 0 && <><dt>{t.minimum}</dt><dd>{poll.minimumParticipants}</dd></>}
        <dt>{t.contact}</dt><dd class="plain">{poll.contact}</dd>
        <dt>{t.basis}</dt><dd class="plain">{poll.legalBasis}</dd>
      </dl>
      <AllPolls />
    </Page>
  );
}

/** What can be done now: vote, go on, look at the result. */
function Now({ poll, standing: now }: { readonly poll: Poll; readonly standing: Standing }) {
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
      {state === "closed" && now.vote?.at === "cast" && (
        <p><a class="button secondary" href={href({ page: "find", poll: poll.id })}>{t.find}</a></p>
      )}
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
      return <><a class="button" href={href({ page: "question", poll: poll.id, number: 1 })}>{t.resume}</a><NotYours /></>;
    case "sending":
      return (
        <>
          <h2>{t.notSentTitle}</h2>
          <p>{t.notSent} {t.sendBefore(when(poll.closesAt))}</p>
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
  const [shared, setShared] = useState(() => now.protected || now.locked || remembered("shared") !== null);
  const enter = (): void => {
    remember("shared", shared ? "yes" : null);
    if (shared && !now.protected) go({ page: "protect", poll: poll.id });
    else void signIn(trust, poll, 0, language);
  };
  return (
    <>
      <button type="button" class="button" onClick={enter}>{t.vote}</button>
      <p class="quiet">{t.voteHint}</p>
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
  const change = async (): Promise<void> => {
    await changeVote(poll);
    go({ page: "question", poll: poll.id, number: 1 });
  };
  return (
    <>
      <p>{t.changeVoteText}</p>
      <button type="button" class="button secondary" onClick={() => void change()}>{t.changeVote}</button>
    </>
  );
}
