/** A passphrase: chosen, twice, or asked for. It never leaves the device and nobody can restore it. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { NotOpened } from "../crypto/passphrase.ts";
import { OthersHere } from "../voting/vault.ts";
import { useHereLater } from "./hereLater.ts";
import type { Messages } from "./messages.ts";
import { useAct } from "./shell.tsx";

const SHORTEST = 8;

interface Props {
  readonly kind: "new" | "known";
  readonly action: string;
  readonly submit: (passphrase: string) => Promise<void>;
  /** More fields, above. */
  readonly children?: ComponentChildren;
}

/** No file was chosen to open. */
export class FileMissing extends Error {}

type Mistake = "fileMissing" | "passphraseShort" | "passphraseDiffers" | "passphraseWrong" | "othersHere";

export function PassphraseForm({ kind, action, submit, children }: Props) {
  const { t } = useHereLater();
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  const [shown, setShown] = useState(false);
  const [mistake, setMistake] = useState<Mistake | null>(null);
  const [busy, act] = useAct();

  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    const wrong = kind === "known" ? null : [...first].length < SHORTEST ? "passphraseShort" : first === second ? null : "passphraseDiffers";
    setMistake(wrong);
    if (wrong !== null) return document.getElementById("passphrase")?.focus();
    act(() => submit(first).catch((error: unknown) => setMistake(mistakeOf(error))));
  };

  const field = (id: string, label: string, value: string, set: (value: string) => void) => (
    <p class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        {...(shown ? { type: "text" } : { type: "password" })}
        autocomplete={kind === "new" ? "new-password" : "current-password"}
        autocapitalize="none"
        spellcheck={false}
        value={value}
        aria-invalid={mistake !== null}
        aria-describedby={mistake === null ? undefined : "passphrase-mistake"}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </p>
  );
  return (
    <form onSubmit={send} noValidate>
      {children}
      {mistake !== null && <p class="mistake" id="passphrase-mistake" role="alert">{t[mistake] satisfies Messages[Mistake]}</p>}
      {field("passphrase", kind === "new" ? t.passphraseNew(SHORTEST) : t.passphrase, first, setFirst)}
      {kind === "new" && field("passphrase-again", t.passphraseAgain, second, setSecond)}
      <label class="tick">
        <input type="checkbox" checked={shown} onChange={(event) => setShown(event.currentTarget.checked)} />
        <span>{t.passphraseShow}</span>
      </label>
      {kind === "new" && <p class="quiet">{t.passphraseLost}</p>}
      <button type="submit" class="button" disabled={busy}>{busy ? t.busy : action}</button>
    </form>
  );
}

function mistakeOf(error: unknown): Mistake {
  if (error instanceof FileMissing) return "fileMissing";
  if (error instanceof NotOpened) return "passphraseWrong";
  if (error instanceof OthersHere) return "othersHere";
  throw error;
}
