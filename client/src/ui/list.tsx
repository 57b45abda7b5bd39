/** The list of polls: those that are open first, what closes soonest before the rest. */
import { useState } from "preact/hooks";
import { type Poll, REGION } from "../protocol/manifest.ts";
import { cancelledOf, listPolls, type PollList as List, readFurther, votesHere } from "../voting/polls.ts";
import { useHereLater } from "./hereLater.ts";
import { type Phase, phase } from "./phase.ts";
import { placesOf, Tag, until } from "./poll.tsx";
import { href } from "./route.ts";
import { Page, Trouble, useAct, useLoaded, Waiting } from "./shell.tsx";

export function PollList() {
  const { trust, t, say, when } = useHereLater();
  const [here, setHere] = useState("");
  const [loaded, again] = useLoaded("polls", () => listPolls(trust));
  const [further, setFurther] = useState<List | null>(null);
  const [busy, act] = useAct();
  const [told] = useLoaded(loaded === "loading" ? "" : "cancelled", async () => (loaded === "loading" || "error" in loaded ? null : cancelledOf(loaded.value.polls)));
  const cancelled: ReadonlySet<string> = (told !== "loading" && "value" in told ? told.value : null) ?? new Set();
  if (loaded === "loading") return <Waiting />;
  if ("error" in loaded) return <Trouble error={loaded.error} retry={again}><MyVotes /></Trouble>;
  const list = further ?? loaded.value;
  const shown = inOrder(list.polls.filter((poll) => here === "" || poll.territory.some(({ code }) => code === here || code === REGION)), cancelled);
  return (
    <Page title={t.polls} state="polls">
      <p class="lead">{t.pollsLead}</p>
      <WhereChoice polls={list.polls} here={here} choose={setHere} />
      {shown.length === 0 && <p class="notice">{t.noPolls}</p>}
      <ul class="cards">
        {shown.map((poll) => (
          <li key={poll.id} class="card">
            {cancelled.has(poll.id) ? <span class="tag closed">{t.cancelled}</span> : <Tag poll={poll} />}
            <h2><a href={href({ page: "poll", poll: poll.id })}>{say(poll.title)}</a></h2>
            <p>{placesOf(poll)}</p>
            <p class="quiet">{cancelled.has(poll.id) ? null : phase(poll) === "soon" ? <>{t.opensAt}: {when(poll.opensAt)}</> : <>{until(poll, t)}: {when(poll.closesAt)}</>}</p>
          </li>
        ))}
      </ul>
      {list.unsound > 0 && <p class="notice bad">{t.unsoundPolls(list.unsound)}</p>}
      {list.rest.length > 0 && (
        <button type="button" class="button secondary" disabled={busy} onClick={() => act(() => readFurther(trust, list).then(setFurther))}>{t.earlierPolls}</button>
      )}
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

/** Which municipality one lives in, of those that polls are held in. */
function WhereChoice(props: { readonly polls: readonly Poll[]; readonly here: string; readonly choose: (here: string) => void }) {
  const { t } = useHereLater();
  const named = new Map(props.polls.flatMap((poll) => poll.territory.map(({ code, name }) => [code, name] as const)));
  named.delete(REGION);
  if (named.size === 0) return null;
  const places = [...named].sort(([, left], [, right]) => left.localeCompare(right, "ru"));
  return (
    <p class="field">
      <label for="where">{t.where}</label>
      <select id="where" value={props.here} onChange={(event) => props.choose(event.currentTarget.value)}>
        <option value="">{t.wherever}</option>
        {places.map(([code, name]) => <option key={code} value={code}>{name}</option>)}
      </select>
    </p>
  );
}

/** Open by their end, then those to come by their beginning, then those that are over or cancelled, the latest first. */
function inOrder(polls: readonly Poll[], cancelled: ReadonlySet<string>): readonly Poll[] {
  const of = (state: Phase): Poll[] => polls.filter((poll) => (cancelled.has(poll.id) ? "closed" : phase(poll)) === state);
  const by = (moment: (poll: Poll) => Date) => (left: Poll, right: Poll) => moment(left).getTime() - moment(right).getTime();
  return [
    ...of("open").sort(by((poll) => poll.closesAt)),
    ...of("soon").sort(by((poll) => poll.opensAt)),
    ...of("closed").sort(by((poll) => poll.closesAt)).reverse(),
  ];
}

/** What can be read without a connection: one's own ballots and receipts. */
function MyVotes() {
  const { trust, t, say } = useHereLater();
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
