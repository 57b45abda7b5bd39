/** Pages of the vote itself: token, questions, check, send, receipt. */
import { useEffect, useState } from "preact/hooks";
import { ConnectionLost, Refused } from "../api/http.ts";
import { firstToAnswer } from "../api/issuer.ts";
import { b64u, hex } from "../crypto/bytes.ts";
import { canonicalJson } from "../protocol/json.ts";
import type { Answer, Poll, Question } from "../protocol/manifest.ts";
import { receiptFile } from "../protocol/receipt.ts";
import { everyIssuer, signIn } from "../voting/signIn.ts";
import { getOtherTokens, getTokens, passIssuer, send, sign } from "../voting/steps.ts";
import { lockHere, voteOf } from "../voting/vault.ts";
import { type Asking, type Cast, type Collecting, issuersLeft, receiptOf, type Vote } from "../voting/vote.ts";
import { saveFile } from "./files.ts";
import { useHere } from "./here.ts";
import { Later } from "./later.tsx";
import { QuestionForm } from "./questions.tsx";
import { go, href, type Route } from "./route.ts";
import { type Moment, MomentChoice, WaitPage } from "./sending.tsx";
import { AllPolls, Back, Page, Tick, Trouble, useAct, useLoaded, Waiting } from "./shell.tsx";

interface OfPoll {
  readonly poll: Poll;
}

type VotingRoute = Extract<Route, { page: "protect" | "token" | "question" | "check" | "wait" | "later" | "send" | "done" }>;

export function VotingPage({ poll, route }: OfPoll & { readonly route: VotingRoute }) {
  switch (route.page) {
    case "protect":
      return <Later of="passphrase" load={pages} show={({ ProtectPage }) => <ProtectPage poll={poll} />} />;
    case "token":
      return <TokenPage poll={poll} />;
    case "question":
      return <QuestionPage poll={poll} number={route.number} />;
    case "check":
      return <CheckPage poll={poll} />;
    case "wait":
      return <WaitPage poll={poll} />;
    case "later":
      return <Later of="passphrase" load={pages} show={({ LaterPage }) => <LaterPage poll={poll} />} />;
    case "send":
      return <SendPage poll={poll} />;
    case "done":
      return <DonePage poll={poll} />;
  }
}

const pages = () => import("./withPassphrase.tsx");

/** Where a vote goes on. */
function continueAt(vote: Vote | undefined, poll: Poll): void {
  const place = { poll: poll.id };
  switch (vote?.at) {
    case "collecting":
    case "asking":
      return go({ page: "token", ...place }, { replace: true });
    case "answering":
      return go({ page: "question", ...place, number: 1 }, { replace: true });
    case "sending":
      return go({ page: "poll", ...place }, { replace: true });
    case "cast":
      return go({ page: "done", ...place }, { replace: true });
    default:
      return go({ page: "poll", ...place }, { replace: true });
  }
}

function TokenPage({ poll }: OfPoll) {
  const { t, trust } = useHere();
  const [vote, again] = useLoaded(`token-${poll.id}`, async () => {
    const got = await getTokens(trust, poll);
    void getOtherTokens(trust, poll);
    if (got.at !== "collecting" && got.at !== "asking") continueAt(got, poll);
    return got;
  });
  if (vote === "loading") return <Waiting text={t.getting} />;
  if ("error" in vote) return <TokenTrouble poll={poll} error={vote.error} again={again} />;
  const { value } = vote;
  if (value.at !== "collecting" && value.at !== "asking") return <Waiting text={t.getting} />;
  return <Collection poll={poll} vote={value} again={again} />;
}

/** An issuer refused or does not answer: ask again, or go on without it where enough others are left. */
function TokenTrouble(props: OfPoll & { readonly error: unknown; readonly again: () => void }) {
  const { poll, error, again } = props;
  const { trust, t, language } = useHere();
  const [kept] = useLoaded(`kept-${poll.id}`, () => voteOf(poll.id));
  const vote = kept !== "loading" && "value" in kept ? kept.value : undefined;
  const asking = vote?.at === "asking" ? vote.issuer : null;
  const expired = error instanceof Refused && (error.slug === "not-authorized" || error.slug === "poll-not-granted");
  const [, act] = useAct();
  return (
    <Trouble error={error} {...(expired ? {} : { retry: again })}>
      {expired && (
        <button type="button" class="button" onClick={() => act(() => signIn(trust, poll, asking === null ? everyIssuer(poll) : [asking], language))}>{t.signInAgain}</button>
      )}
      {asking !== null && <Pass poll={poll} issuer={asking} again={again} />}
      <ToPoll poll={poll} />
    </Trouble>
  );
}

function ToPoll({ poll }: OfPoll) {
  const { t } = useHere();
  return <p><a href={href({ page: "poll", poll: poll.id })}>{t.backToPoll}</a></p>;
}

function Pass(props: OfPoll & { readonly issuer: number; readonly again: () => void }) {
  const { poll, issuer, again } = props;
  const { t } = useHere();
  const [, act] = useAct();
  if (poll.issuers.length === 1) return null;
  const pass = async (): Promise<void> => {
    await passIssuer(poll, issuer);
    again();
  };
  return (
    <>
      <p class="quiet">{t.passWhy}</p>
      <p><button type="button" class="button secondary" onClick={() => act(pass)}>{t.passIssuer(poll.issuers[issuer]!.name)}</button></p>
    </>
  );
}

/** How many of the needed confirmations are here, and the way to the next; or why it cannot go on. */
function Collection(props: OfPoll & { readonly vote: Collecting | Asking; readonly again: () => void }) {
  const { poll, vote, again } = props;
  const { trust, t, language } = useHere();
  const [busy, act] = useAct();
  const left = issuersLeft(vote, poll.issuers.length);
  const [found, seek] = useLoaded(`next-${left.join()}`, () => firstToAnswer(poll, left));
  const single = poll.issuers.length === 1;
  const faulty = vote.complaints.length > 0;
  if (left.length === 0) {
    return (
      <Page title={t.faultyTitle} state="faulty">
        <p class="notice">{t.faulty}</p>
        <SaveComplaint poll={poll} vote={vote} />
      </Page>
    );
  }
  if (found === "loading" || "error" in found) return <Waiting />;
  const next = found.value;
  const silent = next === null ? left : left.slice(0, left.indexOf(next));
  const names = (issuers: readonly number[]): string => issuers.map((issuer) => poll.issuers[issuer]!.name).join(", ");
  return (
    <Page title={single ? t.signInAgain : t.collecting(vote.tokens.length, poll.threshold)} state="collecting">
      {!single && <p>{t.collectingWhy(poll.issuers.length, poll.threshold)}</p>}
      {!single && <progress class="wide" value={vote.tokens.length} max={poll.threshold} aria-label={t.collecting(vote.tokens.length, poll.threshold)} />}
      {faulty && <div class="notice"><p>{t.faultyOne(names(vote.complaints.map((one) => one.issuer)))}</p><SaveComplaint poll={poll} vote={vote} /></div>}
      {silent.length > 0 && <p class="notice">{next === null ? t.allSilent(names(silent)) : t.silent(names(silent))}</p>}
      {next === null ? (
        <p><button type="button" class="button" onClick={seek}>{t.retry}</button></p>
      ) : (
        <>
          <p>
            <button type="button" class="button" disabled={busy} onClick={() => act(() => signIn(trust, poll, [next], language))}>
              {single ? t.signInAgain : t.signInAt(names([next]))}
            </button>
          </p>
          <Pass poll={poll} issuer={next} again={again} />
        </>
      )}
      <ToPoll poll={poll} />
    </Page>
  );
}

function SaveComplaint({ poll, vote }: OfPoll & { readonly vote: Collecting | Asking }) {
  const { t } = useHere();
  const save = (): void => {
    const complaints = vote.complaints.map(({ issuer, blinding, reply }) => ({
      ballot_key: b64u(vote.key.point),
      blind_signature: b64u(reply),
      blinded_message: b64u(blinding.blinded),
      inverse: b64u(blinding.inverse),
      issuer,
      prepared: b64u(blinding.prepared),
    }));
    saveFile(canonicalJson({ complaints, format: "veche/complaint/v1", poll_id: poll.id }), `veche-complaint-${poll.id.slice(0, 8)}.json`);
  };
  return <p><button type="button" class="button secondary" onClick={save}>{t.saveComplaint}</button></p>;
}

function QuestionPage({ poll, number }: OfPoll & { readonly number: number }) {
  const question = poll.questions[number - 1];
  const [vote, again] = useLoaded(`question-${poll.id}-${number}`, () => voteOf(poll.id));
  if (vote === "loading") return <Waiting />;
  if ("error" in vote) return <Trouble error={vote.error} retry={again} />;
  if (vote.value?.at !== "answering" || question === undefined) {
    continueAt(vote.value, poll);
    return <Waiting />;
  }
  return <QuestionForm key={question.id} poll={poll} number={number} question={question} vote={vote.value} />;
}

const PAGE_OF = { now: "send", random: "wait", later: "later" } as const;

function CheckPage({ poll }: OfPoll) {
  const { t, say } = useHere();
  const [vote, again] = useLoaded(`check-${poll.id}`, () => voteOf(poll.id));
  const [busy, act] = useAct();
  const [moment, setMoment] = useState<Moment>("now");
  if (vote === "loading") return <Waiting />;
  if ("error" in vote) return <Trouble error={vote.error} retry={again} />;
  if (vote.value?.at !== "answering") {
    continueAt(vote.value, poll);
    return <Waiting />;
  }
  const { answers } = vote.value;
  const missing = poll.questions.findIndex((question) => answers[question.id] === undefined);
  if (missing >= 0) {
    go({ page: "question", poll: poll.id, number: missing + 1 }, { replace: true });
    return <Waiting />;
  }
  const submit = async (): Promise<void> => {
    await sign(poll);
    go({ page: PAGE_OF[moment], poll: poll.id }, { replace: true });
  };
  return (
    <Page title={t.check} caption={say(poll.title)} state="check" above={<Back to={{ page: "question", poll: poll.id, number: poll.questions.length }} />}>
      <p class="lead">{poll.revoting ? t.checkLeadRevoting : t.checkLead}</p>
      <dl class="summary">
        {poll.questions.map((question, at) => {
          return (
            <div key={question.id}>
              <dt>{say(question.text)}</dt>
              <dd><Given question={question} answer={answers[question.id]!} /></dd>
              <dd class="change"><a href={href({ page: "question", poll: poll.id, number: at + 1 })} aria-label={t.changeOf(say(question.text))}>{t.change}</a></dd>
            </div>
          );
        })}
      </dl>
      <MomentChoice poll={poll} moment={moment} choose={setMoment} />
      <p><button type="button" class="button" disabled={busy} onClick={() => act(submit)}>{busy ? t.sending : moment === "now" ? t.send : t.signOnly}</button></p>
    </Page>
  );
}

function Given({ question, answer }: { readonly question: Question; readonly answer: Answer }) {
  const { t, say } = useHere();
  if (answer.length === 0) return <>{t.abstain}</>;
  const name = new Map(question.options.map((option) => [option.id, say(option.text)]));
  const lines =
    question.kind === "score"
      ? question.options.map((option, at) => `${name.get(option.id)}: ${answer[at]}`)
      : (answer as readonly string[]).map((id, at) => (question.kind === "ranking" ? `${at + 1}. ${name.get(id)}` : name.get(id)!));
  return <>{lines.map((line) => <span key={line} class="line">{line}</span>)}</>;
}

function SendPage({ poll }: OfPoll) {
  const { t } = useHere();
  const [kept] = useLoaded(`kept-${poll.id}`, () => voteOf(poll.id));
  const [vote, again] = useLoaded(`send-${poll.id}`, async () => {
    const sent = await send(poll);
    continueAt(sent, poll);
    return sent;
  });
  const lost = vote !== "loading" && "error" in vote && vote.error instanceof ConnectionLost;
  useEffect(() => {
    if (!lost) return;
    addEventListener("online", again);
    return () => removeEventListener("online", again);
  }, [lost]);
  if (vote === "loading" || "value" in vote) return <Waiting text={t.sending} />;
  const lasting = vote.error instanceof Refused && !vote.error.passing;
  const stands = kept !== "loading" && "value" in kept && receiptOf(kept.value) !== null;
  return (
    <Trouble error={vote.error} retry={again}>
      {!lasting && <div class="notice"><h2>{t.notSentTitle}</h2><p>{t.notSent}</p></div>}
      {stands && <p>{t.stands} <a href={href({ page: "find", poll: poll.id })}>{t.find}</a></p>}
      <ToPoll poll={poll} />
    </Trouble>
  );
}

function DonePage({ poll }: OfPoll) {
  const { t, say, when } = useHere();
  const [kept, again] = useLoaded(`done-${poll.id}`, () => Promise.all([voteOf(poll.id), lockHere()]));
  if (kept === "loading") return <Waiting />;
  if ("error" in kept) return <Trouble error={kept.error} retry={again} />;
  const [vote, lock] = kept.value;
  if (vote?.at !== "cast") {
    continueAt(vote, poll);
    return <Waiting />;
  }
  return (
    <Page title={t.castTitle} caption={say(poll.title)} state="cast" above={<Tick />}>
      <p class="lead">{t.castLead}</p>
      <h2>{t.nextTitle}</h2>
      <ul class="next">
        <li>{t.nextLog(when(poll.includeBy))}</li>
        <li>{t.nextClose(when(poll.closesAt))}</li>
        <li>{t.nextResult}</li>
      </ul>
      <p><a class="button" href={href({ page: "find", poll: poll.id })}>{t.find}</a></p>
      <ReceiptBox vote={vote} />
      <h2>{t.handOn}</h2>
      <p>{lock === undefined ? t.doneOthers : t.doneShared}</p>
      <p><a class="button secondary" href={href({ page: "device", task: "lock" })}>{t.lock}</a></p>
      <AllPolls><p><a href={href({ page: "poll", poll: poll.id })}>{t.backToPoll}</a></p></AllPolls>
    </Page>
  );
}

function ReceiptBox({ vote }: { readonly vote: Cast }) {
  const { t } = useHere();
  const [shown, setShown] = useState(false);
  const save = (): void => {
    const receipt = { pollId: vote.pollId, leaf: vote.leaf, signature: vote.receipt };
    saveFile(receiptFile(receipt), `veche-receipt-${vote.pollId.slice(0, 8)}.json`);
  };
  return (
    <section aria-labelledby="receipt">
      <h2 id="receipt">{t.receipt}</h2>
      <p class="notice">{t.receiptWarning}</p>
      <div class="buttons">
        <button type="button" class="button secondary" aria-expanded={shown} onClick={() => setShown(!shown)}>{shown ? t.hideReceipt : t.showReceipt}</button>
        <button type="button" class="button secondary" onClick={save}>{t.saveReceipt}</button>
      </div>
      {shown && <p>{t.receiptOf} <code>{hex(vote.leaf)}</code></p>}
    </section>
  );
}
