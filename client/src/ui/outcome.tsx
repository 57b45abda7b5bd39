/** The result of a poll, question by question. */
import type { Poll, Question } from "../protocol/manifest.ts";
import type { QuestionResult, Result, Round } from "../protocol/statements.ts";
import { useHere } from "./here.ts";
import { href } from "./route.ts";
import { namesOf } from "./sealed.tsx";

export function Outcome(props: { readonly poll: Poll; readonly result: Result | null; readonly awaitsOpening: boolean }) {
  const { poll, result } = props;
  const { t } = useHere();
  const percent = usePercent();
  if (result === null) return <Pending poll={poll} awaitsOpening={props.awaitsOpening} />;
  return (
    <section class="result" aria-labelledby="result">
      <h2 id="result">{t.result}</h2>
      {!result.held && <p class="notice">{t.notHeld}</p>}
      <p>{t.resultCounted(result.valid, result.invalid)}</p>
      {poll.population !== null && (
        <p>{t.turnout(percent(result.ballots, poll.population.number), poll.population.number, poll.population.source)}</p>
      )}
      <Counts poll={poll} result={result} />
      {poll.sealing !== null && <p>{poll.sealing.trustees.length === 0 ? t.openedAutomatically : t.openedByTrustees(poll.sealing.threshold, namesOf(poll.sealing))}</p>}
      <p class="quiet">{t.resultVerified}</p>
      <p><a href={href({ page: "audit", poll: poll.id })}>{t.checkCount}</a></p>
    </section>
  );
}

/** Instead of a result that there cannot be yet. */
function Pending(props: { readonly poll: Poll; readonly awaitsOpening: boolean }) {
  const { t } = useHere();
  const { sealing } = props.poll;
  const waits = props.awaitsOpening && sealing !== null && sealing.trustees.length > 0;
  return <p class="notice">{waits ? t.awaitsOpening(sealing.threshold, sealing.trustees.length) : t.resultPending}</p>;
}

/** The numbers of every question. */
export function Counts({ poll, result }: { readonly poll: Poll; readonly result: Result }) {
  return (
    <>
      {poll.questions.map((question, at) => (
        <Counted key={question.id} question={question} counted={result.questions[at]!} valid={result.valid} />
      ))}
    </>
  );
}

function usePercent(): (part: number, whole: number) => string {
  const { language } = useHere();
  const format = new Intl.NumberFormat(language === "ru" ? "ru-RU" : "en-GB", { style: "percent", maximumFractionDigits: 1 });
  return (part, whole) => format.format(whole === 0 ? 0 : part / whole);
}

interface CountedProps {
  readonly question: Question;
  readonly counted: QuestionResult;
  readonly valid: number;
}

function Counted({ question, counted, valid }: CountedProps) {
  const { t, say } = useHere();
  const percent = usePercent();
  const voters = valid - counted.abstentions;
  switch (counted.kind) {
    case "votes":
      return (
        <Table question={question} heading={t.votes} counted={counted}>
          {(option) => {
            const votes = counted.votes.get(option) ?? 0;
            return { bar: votes, most: valid, text: `${votes} (${percent(votes, valid)})` };
          }}
        </Table>
      );
    case "scores":
      return (
        <Table question={question} heading={t.meanScore} counted={counted}>
          {(option) => {
            const sum = counted.sums.get(option) ?? 0;
            return { bar: sum, most: question.max * voters, text: t.mean(voters === 0 ? 0 : sum / voters, sum) };
          }}
        </Table>
      );
    case "rounds": {
      const names = counted.leading.map((id) => say(question.options.find((option) => option.id === id)?.text ?? {}));
      return (
        <>
          <h3>{say(question.text)}</h3>
          <p>{counted.leading.length === 1 ? t.runOffLeads(names[0]!) : t.runOffTie(names.join(", "))}</p>
          {counted.rounds.map((round, at) => <RoundTable key={at} question={question} round={round} number={at + 1} />)}
          <p>{t.abstained}: {counted.abstentions}</p>
        </>
      );
    }
  }
}

function RoundTable({ question, round, number }: { readonly question: Question; readonly round: Round; readonly number: number }) {
  const { t, say } = useHere();
  const most = [...round.votes.values()].reduce((sum, votes) => sum + votes, 0);
  return (
    <table>
      <caption>{t.round(number)}</caption>
      <thead><tr><th scope="col">{t.option}</th><th scope="col" class="number">{t.votes}</th></tr></thead>
      <tbody>
        {question.options.filter((option) => round.votes.has(option.id)).map((option) => (
          <tr key={option.id}>
            <th scope="row">
              {say(option.text)}{round.eliminated.includes(option.id) && <span class="quiet"> — {t.leaves}</span>}
              <progress value={round.votes.get(option.id)!} max={Math.max(1, most)} aria-hidden="true" />
            </th>
            <td class="number">{round.votes.get(option.id)}</td>
          </tr>
        ))}
        {round.exhausted > 0 && <tr><th scope="row">{t.exhausted}</th><td class="number">{round.exhausted}</td></tr>}
      </tbody>
    </table>
  );
}

interface Row {
  readonly bar: number;
  readonly most: number;
  readonly text: string;
}

function Table(props: { readonly question: Question; readonly heading: string; readonly counted: QuestionResult; readonly children: (option: string) => Row }) {
  const { t, say } = useHere();
  return (
    <table>
      <caption>{say(props.question.text)}</caption>
      <thead><tr><th scope="col">{t.option}</th><th scope="col" class="number">{props.heading}</th></tr></thead>
      <tbody>
        {props.question.options.map((option) => {
          const row = props.children(option.id);
          return (
            <tr key={option.id} class={props.counted.leading.includes(option.id) ? "leads" : ""}>
              <th scope="row">{say(option.text)}<progress value={row.bar} max={Math.max(1, row.most)} aria-hidden="true" /></th>
              <td class="number">{row.text}</td>
            </tr>
          );
        })}
        <tr><th scope="row">{t.abstained}</th><td class="number">{props.counted.abstentions}</td></tr>
      </tbody>
    </table>
  );
}
