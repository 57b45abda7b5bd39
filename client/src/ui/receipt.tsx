/** Is the ballot of a receipt in the log? For one's own ballot, and for a receipt from a file. */
import { useState } from "preact/hooks";
import { ConnectionLost, Refused } from "../api/http.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { InvalidSignature } from "../crypto/ed25519.ts";
import type { Poll } from "../protocol/manifest.ts";
import { disputeFile, parseReceipt, type Receipt } from "../protocol/receipt.ts";
import { verifyReceipt } from "../protocol/statements.ts";
import type { TrustRoot } from "../protocol/trust.ts";
import { seek, type Sought } from "../voting/finding.ts";
import { openPoll } from "../voting/polls.ts";
import { sendAgain } from "../voting/steps.ts";
import { voteOf } from "../voting/vault.ts";
import { receiptOf } from "../voting/vote.ts";
import { saveFile } from "./files.ts";
import { useHereLater } from "./hereLater.ts";
import type { Messages } from "./messages.ts";
import { go, href } from "./route.ts";
import { AllPolls, Page, Tick, Trouble, useAct, useLoaded, Waiting } from "./shell.tsx";

interface Judged {
  readonly poll: Poll;
  readonly receipt: Receipt;
  readonly found: Sought;
}

type State = "found" | "due" | "overdue" | "forked" | "shorter";

function stateOf({ poll, found }: Judged): State {
  if (found.history === "forked" || found.history === "shorter") return found.history;
  if (found.index !== null) return "found";
  return new Date() < poll.includeBy ? "due" : "overdue";
}

/** Throws Refused where there is no such poll, InvalidSignature where the box did not sign. */
async function judge(trust: TrustRoot, file: Bytes): Promise<Judged> {
  const receipt = parseReceipt(file);
  const poll = await openPoll(trust, receipt.pollId);
  await verifyReceipt(poll, receipt.leaf, receipt.signature);
  return { poll, receipt, found: await seek(poll, receipt.leaf) };
}

function Verdict({ judged }: { readonly judged: Judged }) {
  const { t, when } = useHereLater();
  const { poll, receipt, found } = judged;
  const save = (): void => saveFile(disputeFile(receipt, found.note), `veche-dispute-${poll.id.slice(0, 8)}.json`);
  switch (stateOf(judged)) {
    case "found":
      return <div class="notice good"><h2>{t.foundTitle}</h2><p>{t.found(found.index!, found.head.size)}</p>{found.history === "continues" && <p>{t.continues}</p>}{found.witnesses !== null && <p>{witnessed(t, found.witnesses)}</p>}</div>;
    case "due":
      return <div class="notice"><h2>{t.notFoundTitle}</h2><p>{t.notFound(when(poll.includeBy))}</p></div>;
    case "shorter":
      return <div class="notice bad"><h2>{t.shorterTitle}</h2><p>{t.shorter}</p></div>;
    case "forked":
      return (
        <div class="notice bad">
          <h2>{t.forkedTitle}</h2>
          <p>{t.forked}</p>
          {found.evidence !== null && <button type="button" class="button" onClick={() => saveFile(found.evidence!, `veche-evidence-${poll.id.slice(0, 8)}.json`)}>{t.saveDispute}</button>}
        </div>
      );
    case "overdue":
      return (
        <div class="notice bad">
          <h2>{t.overdueTitle}</h2>
          <p>{t.overdue(poll.contact)}</p>
          <p>{t.overdueSecret}</p>
          <button type="button" class="button" onClick={save}>{t.saveDispute}</button>
        </div>
      );
  }
}

function witnessed(t: Messages, { cosigned, all, quorum }: NonNullable<Sought["witnesses"]>): string {
  return cosigned >= quorum ? t.witnessed(cosigned, all) : t.unwitnessed(cosigned, quorum);
}

/** One's own ballot. */
export function FindPage(props: { readonly poll: Poll }) {
  const { poll } = props;
  const { t, say } = useHereLater();
  const [found, again] = useLoaded(`find-${poll.id}`, async () => {
    const accepted = receiptOf(await voteOf(poll.id));
    if (accepted === null) {
      go({ page: "poll", poll: poll.id }, { replace: true });
      return null;
    }
    const receipt = { pollId: poll.id, leaf: accepted.leaf, signature: accepted.receipt };
    return { poll, receipt, found: await seek(poll, accepted.leaf) };
  });
  if (found === "loading") return <Waiting text={t.finding} />;
  if ("error" in found) return <Trouble error={found.error} retry={again} />;
  if (found.value === null) return <Waiting />;
  return (
    <Page title={t.findTitle} caption={say(poll.title)} state={stateOf(found.value)} above={found.value.found.index === null ? null : <Tick />}>
      <Verdict judged={found.value} />
      <button type="button" class="button secondary" onClick={again}>{t.findAgain}</button>
      {stateOf(found.value) === "due" && new Date() < poll.closesAt && <SendAgain poll={poll} sent={again} />}
      <AllPolls>
        <p><a href={href({ page: "done", poll: poll.id })}>{t.receipt}</a></p>
        <p><a href={href({ page: "poll", poll: poll.id })}>{t.backToPoll}</a></p>
      </AllPolls>
    </Page>
  );
}

/** For when the organiser says that ballots were lost. It shows the box once more from where a ballot comes: never by itself. */
function SendAgain(props: { readonly poll: Poll; readonly sent: () => void }) {
  const { t } = useHereLater();
  const [busy, act] = useAct();
  return (
    <details>
      <summary>{t.ballotsLost}</summary>
      <p>{t.ballotsLostText}</p>
      <button type="button" class="button secondary" disabled={busy} onClick={() => act(() => sendAgain(props.poll).then(props.sent))}>{t.sendAgain}</button>
    </details>
  );
}

/** A receipt from a file: nothing of it leaves the device. */
export function ReceiptPage() {
  const { trust, t, say } = useHereLater();
  const [judged, setJudged] = useState<Judged | "reading" | { readonly error: unknown } | null>(null);
  const [file, setFile] = useState<File>();
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setFile(file);
    setJudged("reading");
    try {
      setJudged(await judge(trust, new Uint8Array(await file.slice(0, MAX_FILE).arrayBuffer())));
    } catch (error) {
      setJudged({ error });
    }
  };
  const error = judged !== null && judged !== "reading" && "error" in judged ? mistake(judged.error) : null;
  const verdict = judged !== null && judged !== "reading" && !("error" in judged) ? judged : null;
  return (
    <Page title={t.receiptCheck} state={verdict === null ? (error === null ? "receipt" : `receipt-${error}`) : stateOf(verdict)}>
      <p class="lead">{t.receiptCheckLead}</p>
      <label
        class={error === null ? "file" : "file wrong"}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => { event.preventDefault(); void read(event.dataTransfer?.files[0]); }}
      >
        <strong>{t.receiptFile}</strong>
        {error !== null && <span class="mistake" id="receipt-mistake">{t[error]}</span>}
        <input
          type="file"
          accept=".json,application/json"
          aria-describedby={error === null ? undefined : "receipt-mistake"}
          onClick={(event) => { event.currentTarget.value = ""; /* the same file again is a choice, too */ }}
          onChange={(event) => void read(event.currentTarget.files?.[0])}
        />
      </label>
      <div role="status">
        {judged === "reading" && <p>{t.finding}</p>}
        {verdict !== null && <><p class="quiet">{say(verdict.poll.title)}</p><Verdict judged={verdict} /></>}
      </div>
      {(verdict !== null || error === "lost") && <button type="button" class="button secondary" onClick={() => void read(file)}>{t.findAgain}</button>}
      <AllPolls />
    </Page>
  );
}

const MAX_FILE = 4096;

function mistake(error: unknown): "receiptUnreadable" | "receiptForged" | "receiptUnknown" | "lost" {
  if (error instanceof InvalidSignature) return "receiptForged";
  if (error instanceof Refused) return "receiptUnknown";
  return error instanceof ConnectionLost ? "lost" : "receiptUnreadable";
}
