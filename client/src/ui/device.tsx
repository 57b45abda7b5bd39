/** What this device keeps, and how to clear it: for shared phones. */
import { useState } from "preact/hooks";
import { allVotes, clearDevice } from "../voting/vault.ts";
import { Page, Trouble, useHere, useLoaded, Waiting } from "./shell.tsx";

export function DevicePage() {
  const { t } = useHere();
  const [votes, again] = useLoaded("device", allVotes);
  const [sure, setSure] = useState(false);
  if (votes === "loading") return <Waiting />;
  if ("error" in votes) return <Trouble error={votes.error} retry={again} />;
  const unsent = votes.value.filter((vote) => vote.at !== "cast").length;
  const clear = async (): Promise<void> => {
    await clearDevice();
    setSure(false);
    again();
  };
  if (votes.value.length === 0) {
    return <Page title={t.device} state="device-empty"><p class="notice good">{t.deviceEmpty}</p><p><a href="#/">{t.allPolls}</a></p></Page>;
  }
  return (
    <Page title={t.device} state="device">
      <p class="lead">{t.deviceLead}</p>
      <dl>
        <dt>{t.deviceVotes}</dt><dd>{votes.value.length}</dd>
        <dt>{t.deviceUnsent}</dt><dd>{unsent}</dd>
      </dl>
      <p class={unsent > 0 ? "notice bad" : "notice"}>{unsent > 0 ? t.deviceLoses : t.deviceWarning}</p>
      <label class="choice">
        <input type="checkbox" checked={sure} onChange={(event) => setSure(event.currentTarget.checked)} />
        <span>{t.deviceSure}</span>
      </label>
      <button type="button" class="button" disabled={!sure} onClick={() => void clear()}>{t.deviceClear}</button>
      <p><a href="#/">{t.allPolls}</a></p>
    </Page>
  );
}
