/** Pages of the vote itself: token, questions, check, send, receipt. */
import { useState } from "preact/hooks";
import { Refused } from "../api/http.ts";
import { b64u, hex } from "../crypto/bytes.ts";
import { allowed, inOrder } from "../protocol/answers.ts";
import { canonicalJson } from "../protocol/json.ts";
import type { Poll, Question } from "../protocol/manifest.ts";
import { getToken, send, sign, signIn } from "../voting/steps.ts";
import { apply, voteOf } from "../voting/vault.ts";
import type { Answering, Cast, Vote } from "../voting/vote.ts";
import { go, href } from "./route.ts";
import { Page, Trouble, useHere, useLoaded, Waiting } from "./shell.tsx";

interface OfPoll {
  readonly poll: Poll;
}

/** Where a vote goes on. */
export function continueAt(vote: Vote | undefined, poll: Poll): void {
  const place = { poll: poll.id };
  switch (vote?.at) {
    case "answering":
      return go({ page: "question", ...place, number: 1 }, { replace: true });
    case "sending":
      return go({ page: "send", ...place }, { replace: true });
    case "cast":
      return go({ page: "done", ...place }, { replace: true });
    default:
      return go({ page: "poll", ...place }, { replace: true });
  }
}

export function TokenPage({ poll }: OfPoll) {
  const { trust, t, language } = useHere();
  const [vote, again] = useLoaded(`token-${poll.id}`, async () => {
    const got = await getToken(poll);
    continueAt(got, poll);
    return got;
  });
  if (vote === "loading" || "value" in vote) return <Waiting text={t.getting} />;
  const expired = vote.error instanceof Refused && vote.error.slug === "not-authorized";
  return (
    <Trouble error={vote.error} {...(expired ? {} : { retry: again })}>
      {expired && <button type="button" class="button" onClick={() => void signIn(trust, poll, language)}>{t.signInAgain}</button>}
    </Trouble>
  );
}

export function QuestionPage({ poll, number }: OfPoll & { readonly number: number }) {
  const { t } = useHere();
  const question = poll.questions[number - 1];
  const [vote, again] = useLoaded(`question-${poll.id}-${number}`, () => voteOf(poll.id));
  if (vote === "loading") return <Waiting />;
  if ("error" in vote) return <Trouble error={vote.error} retry={again} />;
  if (vote.value?.at !== "answering" || question === undefined) {
    continueAt(vote.value, poll);
    return <Waiting />;
  }
  return <QuestionForm key={question.id} poll={poll} number={number} question={question} vote={vote.value} caption={t.questionOf(number, poll.questions.length)} />;
}

function QuestionForm(props: OfPoll & {
  readonly number: number;
  readonly question: Question;
  readonly vote: Answering;
  readonly caption: string;
}) {
  const { poll, number, question, vote } = props;
  const { t, say } = useHere();
  const before = vote.answers[question.id];
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(before ?? []));
  const [abstains, setAbstains] = useState(before?.length === 0);
  const [wrong, setWrong] = useState(false);
  const hint = question.kind === "single" ? t.chooseOne : t.chooseSome(question.min, question.max);
  const mistake = question.kind === "single" ? t.errorChoose : t.errorCount(question.min, question.max);

  const choose = (id: string, on: boolean): void => {
    const rest = question.kind === "single" ? [] : [...chosen].filter((other) => other !== id);
    setChosen(new Set(on ? [...rest, id] : rest));
    setAbstains(false);
    setWrong(false);
  };
  const abstain = (): void => {
    setChosen(new Set());
    setAbstains(!abstains || question.kind === "single");
    setWrong(false);
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const options = inOrder(question, chosen);
    if (!allowed(question, options) || (options.length === 0 && !abstains)) {
      setWrong(true);
      document.getElementById("choices")?.focus();
      return;
    }
    await apply(poll.id, { event: "answered", question: question.id, options });
    const last = number === poll.questions.length;
    go(last ? { page: "check", poll: poll.id } : { page: "question", poll: poll.id, number: number + 1 });
  };

  return (
    <Page title={say(question.text)} caption={props.caption} state={`question-${number}`}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <fieldset id="choices" tabIndex={-1} aria-describedby={wrong ? "hint mistake" : "hint"} class={wrong ? "wrong" : ""}>
          <legend class="hidden">{say(question.text)}</legend>
          <p id="hint" class="quiet">{hint}</p>
          {wrong && <p id="mistake" class="mistake" role="alert">{mistake}</p>}
          {question.options.map((option) => (
            <label key={option.id} class="choice">
              <input
                type={question.kind === "single" ? "radio" : "checkbox"}
                name="answer"
                value={option.id}
                checked={chosen.has(option.id)}
                onChange={(event) => choose(option.id, event.currentTarget.checked)}
              />
              <span>{say(option.text)}</span>
            </label>
          ))}
          {question.abstention && (
            <label class="choice apart">
              <input type={question.kind === "single" ? "radio" : "checkbox"} name="answer" checked={abstains} onChange={abstain} />
              <span>{t.abstain}</span>
            </label>
          )}
        </fieldset>
        <button type="submit" class="button">{t.next}</button>
      </form>
      <p><a href={href(number === 1 ? { page: "poll", poll: poll.id } : { page: "question", poll: poll.id, number: number - 1 })}>{t.back}</a></p>
    </Page>
  );
}

export function CheckPage({ poll }: OfPoll) {
  const { t, say } = useHere();
  const [vote, again] = useLoaded(`check-${poll.id}`, () => voteOf(poll.id));
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<unknown>(null);
  if (vote === "loading") return <Waiting />;
  if ("error" in vote) return <Trouble error={vote.error} retry={again} />;
  if (trouble !== null) return <Trouble error={trouble} />;
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
    setBusy(true);
    try {
      await sign(poll);
      go({ page: "send", poll: poll.id }, { replace: true });
    } catch (error) {
      setTrouble(error);
    }
  };
  return (
    <Page title={t.check} state="check">
      <p class="lead">{t.checkLead}</p>
      <dl class="summary">
        {poll.questions.map((question, at) => {
          const named = question.options.filter((option) => answers[question.id]?.includes(option.id));
          return (
            <div key={question.id}>
              <dt>{say(question.text)}</dt>
              <dd>{named.length === 0 ? t.abstain : named.map((option) => <span key={option.id} class="line">{say(option.text)}</span>)}</dd>
              <dd><a href={href({ page: "question", poll: poll.id, number: at + 1 })} aria-label={t.changeOf(say(question.text))}>{t.change}</a></dd>
            </div>
          );
        })}
      </dl>
      <button type="button" class="button" disabled={busy} onClick={() => void submit()}>{busy ? t.sending : t.send}</button>
    </Page>
  );
}

export function SendPage({ poll }: OfPoll) {
  const { t } = useHere();
  const [vote, again] = useLoaded(`send-${poll.id}`, async () => {
    const sent = await send(poll);
    continueAt(sent, poll);
    return sent;
  });
  if (vote === "loading" || "value" in vote) return <Waiting text={t.sending} />;
  return (
    <Trouble error={vote.error} retry={again}>
      <div class="notice"><h2>{t.notSentTitle}</h2><p>{t.notSent}</p></div>
    </Trouble>
  );
}

export function DonePage({ poll }: OfPoll) {
  const { t, when } = useHere();
  const [vote, again] = useLoaded(`done-${poll.id}`, () => voteOf(poll.id));
  if (vote === "loading") return <Waiting />;
  if ("error" in vote) return <Trouble error={vote.error} retry={again} />;
  if (vote.value?.at !== "cast") {
    continueAt(vote.value, poll);
    return <Waiting />;
  }
  return (
    <Page title={t.castTitle} state="cast">
      <div class="notice good"><p>{t.castLead}</p></div>
      <h2>{t.nextTitle}</h2>
      <p>{t.nextText(when(poll.includeBy))}</p>
      <p><a class="button" href={href({ page: "find", poll: poll.id })}>{t.find}</a></p>
      <ReceiptBox vote={vote.value} />
      <p><a href={href({ page: "poll", poll: poll.id })}>{t.backToPoll}</a></p>
      <p><a href="#/">{t.allPolls}</a></p>
    </Page>
  );
}

function ReceiptBox({ vote }: { readonly vote: Cast }) {
  const { t } = useHere();
  const [shown, setShown] = useState(false);
  const leaf = hex(vote.leaf);
  const save = (): void => {
    const receipt = { format: "veche/receipt/v1", leaf_hash: leaf, poll_id: vote.pollId, receipt: b64u(vote.receipt) };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([canonicalJson(receipt)], { type: "application/json" }));
    link.download = `veche-receipt-${vote.pollId.slice(0, 8)}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <section aria-labelledby="receipt">
      <h2 id="receipt">{t.receipt}</h2>
      <p class="notice">{t.receiptWarning}</p>
      <p class="buttons">
        <button type="button" class="button secondary" aria-expanded={shown} onClick={() => setShown(!shown)}>{shown ? t.hideReceipt : t.showReceipt}</button>
        <button type="button" class="button secondary" onClick={save}>{t.saveReceipt}</button>
      </p>
      {shown && <p><code>{leaf}</code></p>}
    </section>
  );
}
