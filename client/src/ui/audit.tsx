/** «Проверить подсчёт»: the whole audit in this browser, and its report for people. */
import { useEffect, useRef, useState } from "preact/hooks";
import { readCheckpoint } from "../api/board.ts";
import { readPolicy } from "../api/policy.ts";
import type { Finding, Report } from "../audit/findings.ts";
import { say as sentence } from "../audit/sentences.ts";
import { type Reading, startAudit } from "../audit/start.ts";
import type { Order } from "../audit/worker.ts";
import type { Poll } from "../protocol/manifest.ts";
import type { TrustRoot } from "../protocol/trust.ts";
import { keepHead, seenHead, voteOf } from "../voting/vault.ts";
import { receiptOf } from "../voting/vote.ts";
import { useHere } from "./here.ts";
import { AUDIT_MESSAGES, type AuditMessages } from "./messages/audit.ts";
import { Counts } from "./outcome.tsx";
import { href } from "./route.ts";
import { Page, useLoaded } from "./shell.tsx";

type State =
  | { readonly at: "ready" }
  | { readonly at: "running"; readonly reading: Reading | null }
  | { readonly at: "done"; readonly report: Report }
  | { readonly at: "broken" };

const LISTED = 100;

export function AuditPage(props: { readonly poll: Poll }) {
  const { poll } = props;
  const { trust, t, say } = useHere();
  const m = useMessages();
  const [state, setState] = useState<State>({ at: "ready" });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const stop = (): void => {
    running.current?.abort();
    setState({ at: "ready" });
  };
  const start = async (): Promise<void> => {
    const control = new AbortController();
    running.current = control;
    setState({ at: "running", reading: null });
    const report = await audit(trust, poll, control.signal, (reading) => setState({ at: "running", reading })).catch(() => null);
    if (!control.signal.aborted) setState(report === null ? { at: "broken" } : { at: "done", report });
  };
  return (
    <Page title={m.title} caption={say(poll.title)} state={state.at === "done" ? `audit-${state.report.verdict}` : `audit-${state.at}`}>
      {state.at !== "done" && <p class="lead">{m.lead}</p>}
      {state.at === "ready" && <Weight poll={poll} />}
      {state.at === "ready" && <button type="button" class="button" onClick={() => void start()}>{m.start}</button>}
      {state.at === "running" && <Running poll={poll} reading={state.reading} stop={stop} />}
      <div role="status">
        {state.at === "broken" && <p class="notice bad">{m.broken}</p>}
        {state.at === "done" && <Verdict report={state.report} />}
      </div>
      {state.at === "done" && state.report.verdict === "failed" && <><h2>{m.todoTitle}</h2><ol>{m.todo(poll.contact).map((step) => <li key={step}>{step}</li>)}</ol></>}
      {state.at === "done" && <Findings poll={poll} report={state.report} />}
      {(state.at === "done" || state.at === "broken") && <button type="button" class="button secondary" onClick={() => void start()}>{m.again}</button>}
      <h2>{m.proofTitle}</h2>
      {(state.at !== "done" || state.report.verdict === "verified") && <p>{m.proves}</p>}
      <p>{m.doesNotProve}</p>
      <p class="quiet">{m.byOthers}</p>
      <p><a href={href({ page: "poll", poll: poll.id })}>{t.backToPoll}</a></p>
    </Page>
  );
}

/** Audit with what this device keeps: the head it saw last, and its own receipt. Neither leaves it. */
async function audit(trust: TrustRoot, poll: Poll, signal: AbortSignal, onProgress: (reading: Reading) => void): Promise<Report> {
  const [seen, vote] = await Promise.all([seenHead(poll.box.logUrl), voteOf(poll.id)]).catch(() => []);
  const policy = await readPolicy();
  const accepted = receiptOf(vote);
  const receipts = accepted === null ? [] : [{ pollId: poll.id, leaf: accepted.leaf, signature: accepted.receipt }];
  const checkpoints = seen?.note === undefined ? [] : [seen.note];
  const order: Order = { box: trust.box.url, pollId: poll.id, brought: { trust, checkpoints, receipts, ...policy } };
  const report = await startAudit(order, signal, onProgress);
  if (report.head !== null) await keepHead(poll.box.logUrl, report.head).catch(() => undefined);
  return report;
}

function useMessages(): AuditMessages {
  return AUDIT_MESSAGES[useHere().language];
}

/** How much is to be downloaded. */
function Weight({ poll }: { readonly poll: Poll }) {
  const m = useMessages();
  const { language } = useHere();
  const [head] = useLoaded(`weight-${poll.id}`, () => readCheckpoint(poll));
  if (head === "loading" || "error" in head) return null;
  const megabytes = (head.value.size * recordSize(poll)) / 1e6;
  return <p>{m.weight(head.value.size, new Intl.NumberFormat(language, { maximumSignificantDigits: 2 }).format(Math.max(0.1, megabytes)))}</p>;
}

/** Bytes of a ballot, its hash, and the issuances behind it (protocol 6.1 and 5.2). */
function recordSize(poll: Poll): number {
  const token = 35 + poll.issuers[0]!.tokenKey.length - 38;
  return 185 + poll.threshold * (token + 83) + poll.answerSize + 34;
}

function Running(props: { readonly poll: Poll; readonly reading: Reading | null; readonly stop: () => void }) {
  const m = useMessages();
  const { language } = useHere();
  const { poll, reading, stop } = props;
  const number = new Intl.NumberFormat(language);
  const log = reading === null ? m.reading : reading.url === poll.box.logUrl ? m.ballots : m.issuance(poll.issuers.find((issuer) => issuer.logUrl === reading.url)?.name ?? "");
  return (
    <div class="notice">
      <p id="audit-log"><strong>{log}</strong></p>
      <progress class="wide" aria-labelledby="audit-log" {...(reading === null ? {} : { value: reading.done, max: reading.total })} />
      <p>{reading !== null && m.progress(number.format(reading.done), number.format(reading.total))}</p>
      <button type="button" class="button secondary" onClick={stop}>{m.stop}</button>
    </div>
  );
}

function Verdict({ report }: { readonly report: Report }) {
  const [title, text] = useMessages().verdicts[report.verdict];
  const look = { verified: "good", failed: "bad", inconclusive: "" }[report.verdict];
  return <div class={`notice ${look}`}><h2>{title}</h2><p>{text}</p></div>;
}

/** What is wrong comes first. */
function Findings({ poll, report: { findings, recount } }: { readonly poll: Poll; readonly report: Report }) {
  const m = useMessages();
  const [wrong, rest] = [findings.filter(({ status }) => status === "FAIL"), findings.filter(({ status }) => status !== "FAIL")];
  return (
    <>
      {wrong.length > 0 && <><h2>{m.wrong}</h2><Rows findings={wrong} /></>}
      {recount !== null && (
        <section aria-labelledby="recount">
          <h2 id="recount">{m.recount}</h2>
          <p>{m.recountLead(recount.valid, recount.invalid)}</p>
          <Counts poll={poll} result={recount} />
        </section>
      )}
      <h2>{wrong.length > 0 ? m.otherChecks : m.checks}</h2>
      <Rows findings={rest} />
    </>
  );
}

function Rows({ findings }: { readonly findings: readonly Finding[] }) {
  return <ol class="checks">{findings.map((finding) => <Row key={finding.id} finding={finding} />)}</ol>;
}

function Row({ finding }: { readonly finding: Finding }) {
  const m = useMessages();
  const { language } = useHere();
  const { listed, number } = finding.faults;
  const shown = listed.slice(0, LISTED);
  return (
    <li value={finding.number} data-check={finding.id} data-status={finding.status}>
      <span class={`tag ${{ PASS: "good", FAIL: "bad", SKIPPED: "" }[finding.status]}`}>{m.statuses[finding.status]}</span>{" "}
      <strong>{finding.status === "FAIL" ? m.meanings[finding.id] : m.titles[finding.id]}</strong>
      {finding.status === "FAIL" && <span class="quiet line">{m.notPassed(m.titles[finding.id])}</span>}
      <span class="quiet line">{sentence(finding.detail, language)}</span>
      {shown.length > 0 && (
        <ul>
          {shown.map((fault) => <li key={fault.join()}>{sentence(fault, language)}</li>)}
          {number > shown.length && <li>{m.more(number - shown.length)}</li>}
        </ul>
      )}
    </li>
  );
}
