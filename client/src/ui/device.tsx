/** What this device keeps: what it is, and what can be done with it. */
import { useState } from "preact/hooks";
import { leave, protect, comeBack, restoreCopy } from "../voting/session.ts";
import { allVotes, clearDevice, isPersisted, lockedAway, lockHere } from "../voting/vault.ts";
import type { Vote } from "../voting/vote.ts";
import { CopyForm } from "./copy.tsx";
import { useHereLater } from "./hereLater.ts";
import { FileMissing, PassphraseForm } from "./passphrase.tsx";
import { go, href, type Task } from "./route.ts";
import { remember } from "./settings.ts";
import { AllPolls, Back, Page, Tick, Trouble, useAct, useLoaded, Waiting } from "./shell.tsx";

/** All that pages here need to know. */
interface Kept {
  readonly votes: readonly Vote[];
  readonly locked: number;
  readonly shared: boolean;
  readonly persisted: boolean;
}

async function look(): Promise<Kept> {
  const [votes, locked, lock, persisted] = await Promise.all([allVotes(), lockedAway(), lockHere(), isPersisted()]);
  return { votes, locked: locked.size, shared: lock !== undefined, persisted };
}

const unsent = (kept: Kept): number => kept.votes.filter((vote) => vote.at !== "cast").length;

export function DevicePage({ task }: { readonly task: Task | null }) {
  const [kept, again] = useLoaded(`device-${task}`, look);
  if (kept === "loading") return <Waiting />;
  if ("error" in kept) return <Trouble error={kept.error} retry={again} />;
  const of = { kept: kept.value, again };
  switch (task) {
    case null:
      return <Overview {...of} />;
    case "copy":
      return <CopyPage {...of} />;
    case "restore":
      return <RestorePage />;
    case "lock":
      return <LockPage {...of} />;
    case "left":
      return <LeftPage />;
    case "unlock":
      return <UnlockPage {...of} />;
    case "clear":
      return <ClearPage {...of} />;
  }
}

interface Props {
  readonly kept: Kept;
  readonly again: () => void;
}

function Overview({ kept }: Props) {
  const { t } = useHereLater();
  const some = kept.votes.length > 0;
  const tasks: readonly (readonly [Task, string, string, boolean])[] = [
    ["lock", t.lock, t.lockHint, some || kept.shared],
    ["unlock", t.unlock, t.unlockHint, kept.locked > 0 && !some],
    ["copy", t.copy, t.copyHint, some],
    ["restore", t.restore, t.restoreHint, true],
    ["clear", t.clear, t.clearHint, some || kept.locked > 0],
  ];
  return (
    <Page title={t.device} state="device">
      <p class="lead">{some ? t.deviceLead : kept.locked > 0 ? t.deviceLocked : t.deviceEmpty}</p>
      {some && (
        <dl class="facts">
          <dt>{t.deviceVotes}</dt><dd>{kept.votes.length}</dd>
          <dt>{t.deviceUnsent}</dt><dd>{unsent(kept)}</dd>
        </dl>
      )}
      {some && !kept.persisted && <p class="notice">{t.deviceMayForget}</p>}
      <ul class="tasks">
        {tasks.filter(([, , , shown]) => shown).map(([task, name, hint]) => (
          <li key={task}><a href={href({ page: "device", task })}>{name}</a><span class="quiet">{hint}</span></li>
        ))}
      </ul>
      <AllPolls />
    </Page>
  );
}

function BackToDevice() {
  const { t } = useHereLater();
  return <Back to={{ page: "device", task: null }} text={t.device} />;
}

function Nothing({ title, text }: { readonly title: string; readonly text: string }) {
  return <Page title={title} state="device-empty" above={<BackToDevice />}><p class="notice good">{text}</p></Page>;
}

function CopyPage({ kept }: Props) {
  const { t } = useHereLater();
  if (kept.votes.length === 0) return <Nothing title={t.copy} text={t.deviceEmpty} />;
  return (
    <Page title={t.copy} state="copy" above={<BackToDevice />}>
      <p class="lead">{t.copyLead}</p>
      <CopyForm />
    </Page>
  );
}

const MAX_FILE = 4_000_000;

function RestorePage() {
  const { t } = useHereLater();
  const [file, setFile] = useState<File | undefined>();
  const restore = async (passphrase: string): Promise<void> => {
    if (file === undefined) throw new FileMissing();
    await restoreCopy(passphrase, new Uint8Array(await file.slice(0, MAX_FILE).arrayBuffer()));
    go({ page: "polls" });
  };
  return (
    <Page title={t.restore} state="restore" above={<BackToDevice />}>
      <p class="lead">{t.restoreLead}</p>
      <PassphraseForm kind="known" action={t.restoreTake} submit={restore}>
        <label class="file">
          <strong>{t.restoreFile}</strong>
          <input type="file" onChange={(event) => setFile(event.currentTarget.files?.[0])} />
        </label>
      </PassphraseForm>
    </Page>
  );
}

function LockPage({ kept }: Props) {
  const { t } = useHereLater();
  const [busy, act] = useAct();
  const lock = async (passphrase: string | null): Promise<void> => {
    if (passphrase !== null) await protect(passphrase);
    await leave();
    remember("shared", "yes");
    go({ page: "device", task: "left" }, { replace: true });
  };
  if (kept.votes.length === 0 && !kept.shared) return <Nothing title={t.lock} text={t.deviceEmpty} />;
  return (
    <Page title={t.lock} state="lock" above={<BackToDevice />}>
      <p class="lead">{t.lockLead}</p>
      {unsent(kept) > 0 && <p class="notice bad">{t.lockUnsent}</p>}
      {kept.shared
        ? <p><button type="button" class="button" disabled={busy} onClick={() => act(() => lock(null))}>{t.lockAct}</button></p>
        : <PassphraseForm kind="new" action={t.lockAct} submit={lock} />}
      <p class="quiet">{t.lockOrClear} <a href={href({ page: "device", task: "clear" })}>{t.clear}</a></p>
    </Page>
  );
}

function LeftPage() {
  const { t } = useHereLater();
  return (
    <Page title={t.lockedTitle} state="locked" above={<Tick />}>
      <p class="lead">{t.lockedText}</p>
      <p class="notice">{t.lockedGosuslugi}</p>
      <p><a class="button" href="#/">{t.allPolls}</a></p>
    </Page>
  );
}

function UnlockPage({ kept }: Props) {
  const { t } = useHereLater();
  if (kept.locked === 0) return <Nothing title={t.unlock} text={t.unlockNothing} />;
  if (kept.votes.length > 0) {
    return (
      <Page title={t.unlock} state="unlock-others">
        <p class="notice">{t.othersHere}</p>
        <p><a class="button" href={href({ page: "device", task: "lock" })}>{t.lock}</a></p>
      </Page>
    );
  }
  const unlock = async (passphrase: string): Promise<void> => {
    await comeBack(passphrase);
    go({ page: "polls" });
  };
  return (
    <Page title={t.unlock} state="unlock" above={<BackToDevice />}>
      <p class="lead">{t.unlockLead}</p>
      <PassphraseForm kind="known" action={t.unlockAct} submit={unlock} />
    </Page>
  );
}

function ClearPage({ kept, again }: Props) {
  const { t } = useHereLater();
  const [sure, setSure] = useState(false);
  const [others, setOthers] = useState(false);
  const [, act] = useAct();
  const clear = async (): Promise<void> => {
    await clearDevice(others);
    setSure(false);
    again();
  };
  if (kept.votes.length === 0 && kept.locked === 0) return <Nothing title={t.clear} text={t.deviceEmpty} />;
  return (
    <Page title={t.clear} state="clear" above={<BackToDevice />}>
      <p class="lead">{t.clearLead}</p>
      <p class={unsent(kept) > 0 ? "notice bad" : "notice"}>{unsent(kept) > 0 ? t.clearLoses : t.clearWarning}</p>
      <label class="choice">
        <input type="checkbox" checked={sure} onChange={(event) => setSure(event.currentTarget.checked)} />
        <span>{t.clearSure}</span>
      </label>
      {kept.locked > 0 && (
        <label class="choice">
          <input type="checkbox" checked={others} onChange={(event) => setOthers(event.currentTarget.checked)} />
          <span>{t.clearLocked(kept.locked)}</span>
        </label>
      )}
      <button type="button" class="button" disabled={!sure} onClick={() => act(clear)}>{t.clearAct}</button>
    </Page>
  );
}
