/** The list of polls. */
import { listPolls, votesHere } from "../voting/polls.ts";
import { useHere } from "./here.ts";
import { Tag, until } from "./poll.tsx";
import { href } from "./route.ts";
import { Page, Trouble, useLoaded, Waiting } from "./shell.tsx";

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
