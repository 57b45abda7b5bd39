/** Pages to read: the list of polls, a poll, its result. */
import { issued, listPolls, readCheckpoint, readResult, readStatement } from "../api/board.ts";
import type { Poll, Text } from "../protocol/manifest.ts";
import type { Result } from "../protocol/statements.ts";
import { changeVote, signIn } from "../voting/signIn.ts";
import { ableToVote, lockedAway, lockHere, voteOf } from "../voting/vault.ts";
import type { Vote } from "../voting/vote.ts";
import { useEffect, useState } from "preact/hooks";
import { Outcome } from "./outcome.tsx";
import { go, href } from "./route.ts";
import { remember, remembered } from "./settings.ts";
import { Page, Trouble, useHere, useLoaded, Waiting } from "./shell.tsx";

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
  if ("error" in polls) return <Trouble error={polls.error} retry={again} />;
  const shown = [...polls.value].sort((left, right) => right.closesAt.getTime() - left.closesAt.getTime());
  const tag = { soon: t.stateSoon, open: t.stateOpen, closed: t.stateClosed };
  return (
    <Page title={t.polls} state="polls">
      <p class="lead">{t.pollsLead}</p>
      {shown.length === 0 && <p>{t.noPolls}</p>}
      <ul class="cards">
        {shown.map((poll) => (
          <li key={poll.id} class="card">
            <span class={`tag ${phase(poll)}`}>{tag[phase(poll)]}</span>
            <h2><a href={href({ page: "poll", poll: poll.id })}>{say(poll.title)}</a></h2>
            <p>{poll.territory.join(", ")}</p>
            <p class="quiet">{phase(poll) === "closed" ? t.closedAt : t.closesAt}: {when(poll.closesAt)}</p>
          </li>
        ))}
      </ul>
      <p class="quiet">{t.help}</p>
      <p><a href={href({ page: "receipt" })}>{t.receiptCheck}</a></p>
      <p><a href={href({ page: "device", task: null })}>{t.device}</a></p>
      <p class="quiet">{t.fingerprint}: <code>{trust.fingerprint}</code></p>
    </Page>
  );
}

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
  readonly cancelled: Text | null;
  readonly decision: Text | null;
}

async function standing(poll: Poll): Promise<Standing> {
  const able = await ableToVote();
  const closed = phase(poll) === "closed";
  const [cancelled, decision, vote, locked, lock, tokens, head, result] = await Promise.all([
    readStatement(poll, "cancellation"),
    closed ? readStatement(poll, "decision") : null,
    able ? voteOf(poll.id) : undefined,
    able ? lockedAway() : new Map(),
    able ? lockHere() : undefined,
    issued(poll).catch(() => null),
    readCheckpoint(poll).catch(() => null),
    closed ? readResult(poll) : null,
  ]);
  const published = head === null ? null : Math.max(0, head.size - 1 - (result === null ? 0 : 1));
  return { vote, able, locked: locked.size > 0, protected: lock !== undefined, issued: tokens, published, result, cancelled, decision };
}

export function PollPage(props: { readonly poll: Poll; readonly prepare: () => void }) {
  const { poll, prepare } = props;
  const { t, say, when } = useHere();
  const [now, again] = useLoaded(poll.id, () => standing(poll));
  useEffect(() => {
    if (now !== "loading" && phase(poll) === "open") prepare();
  }, [now]);
  if (now === "loading") return <Waiting />;
  if ("error" in now) return <Trouble error={now.error} retry={again} />;
  const { value } = now;
  const state = phase(poll);
  return (
    <Page title={say(poll.title)} state={`poll-${state}`}>
      <p class="quiet">{state === "closed" ? t.closedAt : t.closesAt}: {when(poll.closesAt)}</p>
      {say(poll.description).split("\n").map((line) => <p key={line} class="lead">{line}</p>)}
      {value.cancelled !== null ? <Said title={t.cancelled} text={say(value.cancelled)} /> : state === "closed" ? <Outcome poll={poll} result={value.result} /> : <Action poll={poll} standing={value} open={state === "open"} />}
      {value.decision !== null && <Said title={t.decision} text={say(value.decision)} />}
      {state === "closed" && value.vote?.at === "cast" && (
        <p><a href={href({ page: "find", poll: poll.id })}>{t.find}</a></p>
      )}
      <h2>{t.questions}</h2>
      <ol>
        {poll.questions.map((question) => (
          <li key={question.id}>
            {say(question.text)}
            <ul>{question.options.map((option) => <li key={option.id}>{say(option.text)}</li>)}</ul>
          </li>
        ))}
      </ol>
      <h2>{t.who}</h2>
      <p>{t.whoText(poll.territory.join(", "), poll.minimumAge)}</p>
      <p>{poll.residency === "verified" ? t.residencyVerified : t.residencyDeclared} {t.needAccount}</p>
      <h2>{t.secret}</h2>
      <p>{t.secretText}</p>
      <h2>{t.after}</h2>
      <p>{t.afterText}</p>
      <h2>{t.numbers}</h2>
      <dl>
        {value.issued !== null && <><dt>{t.tokensIssued}</dt><dd>{value.issued}</dd></>}
        {value.published !== null && <><dt>{t.ballotsPublished}</dt><dd>{value.published}</dd></>}
        {poll.minimumParticipants > 0 && <><dt>{t.minimum}</dt><dd>{poll.minimumParticipants}</dd></>}
        <dt>{t.contact}</dt><dd>{poll.contact}</dd>
        <dt>{t.basis}</dt><dd>{poll.legalBasis}</dd>
      </dl>
      <p><a href="#/">{t.allPolls}</a></p>
    </Page>
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
    return <div class="notice"><h2>{t.unableTitle}</h2><p>{t.unable}</p></div>;
  }
  if (!props.open) return <p class="notice">{t.notYetOpen}</p>;
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
        <div class="notice">
          <h2>{t.notSentTitle}</h2>
          <p>{t.notSent}</p>
          <p>{t.sendBefore(when(poll.closesAt))}</p>
          <a class="button" href={href({ page: "send", poll: poll.id })}>{t.sendNow}</a>
          <NotYours />
        </div>
      );
    case "cast":
      return (
        <div class="notice good">
          <h2>{t.castTitle}</h2>
          <p><a href={href({ page: "done", poll: poll.id })}>{t.receipt}</a></p>
          {poll.revoting && <ChangeVote poll={poll} />}
          <NotYours />
        </div>
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
