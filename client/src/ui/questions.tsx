/** One question on a page: choosing, ranking by buttons or by dragging, scoring; abstaining where it is allowed. */
import { useState } from "preact/hooks";
import { allowed, inOrder } from "../protocol/answers.ts";
import type { Answer, Poll, Question } from "../protocol/manifest.ts";
import { apply } from "../voting/vault.ts";
import type { Answering } from "../voting/vote.ts";
import { useHere } from "./here.ts";
import { go, type Route } from "./route.ts";
import { Back, Page, useAct } from "./shell.tsx";

interface FormProps {
  readonly question: Question;
  readonly answer: Answer;
  readonly onAnswer: (answer: Answer) => void;
}

export function QuestionForm(props: { readonly poll: Poll; readonly number: number; readonly question: Question; readonly vote: Answering }) {
  const { poll, number, question, vote } = props;
  const { t, say } = useHere();
  const before = vote.answers[question.id];
  const [answer, setAnswer] = useState<Answer>(before ?? []);
  const [abstains, setAbstains] = useState(before?.length === 0);
  const [wrong, setWrong] = useState(false);
  const [busy, act] = useAct();
  const single = question.kind === "single";

  const give = (given: Answer): void => {
    setAnswer(given);
    setAbstains(false);
    setWrong(false);
  };
  const abstain = (): void => {
    setAnswer([]);
    setAbstains(!abstains || single);
    setWrong(false);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const complete = answer.every((part) => part !== undefined);
    if (!complete || !allowed(question, answer) || (answer.length === 0 && !abstains)) {
      setWrong(true);
      document.getElementById("choices")?.focus();
      return;
    }
    act(async () => {
      await apply(poll.id, { event: "answered", question: question.id, answer });
      const last = number === poll.questions.length;
      go(last ? { page: "check", poll: poll.id } : { page: "question", poll: poll.id, number: number + 1 });
    });
  };

  const previous: Route = number === 1 ? { page: "poll", poll: poll.id } : { page: "question", poll: poll.id, number: number - 1 };
  const form = { question, answer, onAnswer: give };
  return (
    <Page
      title={say(question.text)}
      caption={t.questionOf(number, poll.questions.length)}
      state={`question-${number}`}
      above={<><Back to={previous} /><Steps number={number} total={poll.questions.length} /></>}
    >
      <form onSubmit={submit} noValidate>
        <fieldset id="choices" tabIndex={-1} aria-describedby={wrong ? "hint mistake" : "hint"} class={wrong ? "wrong" : ""}>
          <legend class="hidden">{say(question.text)}</legend>
          <p id="hint" class="quiet">{hint(question, t)}</p>
          {wrong && <p id="mistake" class="mistake" role="alert">{mistake(question, t)}</p>}
          {question.kind === "ranking" ? <Ranking {...form} /> : question.kind === "score" ? <Scores {...form} /> : <Choices {...form} />}
          {question.abstention && (
            <label class="choice apart">
              <input type={single ? "radio" : "checkbox"} name="answer" checked={abstains} onChange={abstain} />
              <span>{t.abstain}</span>
            </label>
          )}
        </fieldset>
        <button type="submit" class="button" disabled={busy}>{t.next}</button>
      </form>
    </Page>
  );
}

/** How far one is; the caption of the heading says it in words. */
function Steps({ number, total }: { readonly number: number; readonly total: number }) {
  if (total === 1) return null;
  return (
    <ol class="steps" aria-hidden="true">
      {Array.from({ length: total }, (_, at) => <li key={at} class={at < number ? "passed" : ""} />)}
    </ol>
  );
}

type Words = ReturnType<typeof useHere>["t"];

function hint({ kind, min, max }: Question, t: Words): string {
  if (kind === "single") return t.chooseOne;
  if (kind === "ranking") return t.rankSome(min, max);
  return kind === "score" ? t.scoreAll(min, max) : t.chooseSome(min, max);
}

function mistake({ kind, min, max }: Question, t: Words): string {
  if (kind === "single") return t.errorChoose;
  if (kind === "ranking") return t.errorRank(min, max);
  return kind === "score" ? t.errorScore : t.errorCount(min, max);
}

function Choices({ question, answer, onAnswer }: FormProps) {
  const { say } = useHere();
  const single = question.kind === "single";
  const chosen = new Set(answer as readonly string[]);
  const choose = (id: string, on: boolean): void => {
    const rest = single ? [] : [...chosen].filter((other) => other !== id);
    onAnswer(inOrder(question, new Set(on ? [...rest, id] : rest)));
  };
  return (
    <>
      {question.options.map((option) => (
        <label key={option.id} class="choice">
          <input
            type={single ? "radio" : "checkbox"}
            name="answer"
            value={option.id}
            checked={chosen.has(option.id)}
            onChange={(event) => choose(option.id, event.currentTarget.checked)}
          />
          <span>{say(option.text)}</span>
        </label>
      ))}
    </>
  );
}

function Ranking({ question, answer, onAnswer }: FormProps) {
  const { t, say } = useHere();
  const [dragged, setDragged] = useState<string | null>(null);
  const [news, setNews] = useState("");
  const ranked = answer as readonly string[];
  const names = new Map(question.options.map((option) => [option.id, say(option.text)]));
  const rest = question.options.filter((option) => !ranked.includes(option.id));

  const move = (id: string, place: number): void => {
    const others = ranked.filter((other) => other !== id);
    onAnswer([...others.slice(0, place), id, ...others.slice(place)]);
    setNews(t.rankedAt(names.get(id)!, place + 1));
  };
  const remove = (id: string): void => {
    onAnswer(ranked.filter((other) => other !== id));
    setNews(t.unranked(names.get(id)!));
  };
  const drop = (event: DragEvent, place: number): void => {
    event.preventDefault();
    if (dragged !== null) move(dragged, place);
    setDragged(null);
  };

  return (
    <>
      <ol class="ranking" aria-label={t.yourOrder}>
        {ranked.map((id, place) => (
          <li key={id} draggable onDragStart={() => setDragged(id)} onDragOver={(event) => event.preventDefault()} onDrop={(event) => drop(event, place)}>
            <span class="place">{place + 1}</span>
            <span class="option">{names.get(id)}</span>
            <span class="moves">
              <button type="button" disabled={place === 0} aria-label={t.moveUp(names.get(id)!)} onClick={() => move(id, place - 1)}>↑</button>
              <button type="button" disabled={place === ranked.length - 1} aria-label={t.moveDown(names.get(id)!)} onClick={() => move(id, place + 1)}>↓</button>
              <button type="button" aria-label={t.takeOut(names.get(id)!)} onClick={() => remove(id)}>✕</button>
            </span>
          </li>
        ))}
      </ol>
      {rest.length > 0 && ranked.length < question.max && (
        <ul class="unranked" aria-label={t.notRanked}>
          {rest.map((option) => (
            <li key={option.id}>
              <button type="button" class="choice" onClick={() => move(option.id, ranked.length)}>
                <span class="place">+</span>
                <span>{names.get(option.id)}<span class="hidden">: {t.putAt(ranked.length + 1)}</span></span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <p class="hidden" role="status">{news}</p>
    </>
  );
}

function Scores({ question, answer, onAnswer }: FormProps) {
  const { say } = useHere();
  const scale = Array.from({ length: question.max - question.min + 1 }, (_, at) => question.min + at);
  const given = answer as readonly (number | undefined)[];
  const score = (place: number, value: number): void => {
    onAnswer(question.options.map((_, at) => (at === place ? value : given[at])) as readonly number[]);
  };
  return (
    <>
      {question.options.map((option, place) => (
        <fieldset key={option.id} class="score">
          <legend>{say(option.text)}</legend>
          <div class="scale">
            {scale.map((value) => (
              <label key={value}>
                <input type="radio" name={`score-${option.id}`} value={value} checked={given[place] === value} onChange={() => score(place, value)} />
                <span>{value}</span>
              </label>
            ))}
          </div>
        </fieldset>
      ))}
    </>
  );
}
