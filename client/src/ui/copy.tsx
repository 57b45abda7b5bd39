/** Saving an encrypted copy of what this device keeps. */
import { useState } from "preact/hooks";
import { saveCopy } from "../voting/session.ts";
import { saveFile } from "./files.ts";
import { useHereLater } from "./hereLater.ts";
import { PassphraseForm } from "./passphrase.tsx";

export function CopyForm() {
  const { t } = useHereLater();
  const [saved, setSaved] = useState(false);
  const save = async (passphrase: string): Promise<void> => {
    saveFile(await saveCopy(passphrase), "veche-copy.jwe");
    setSaved(true);
  };
  return (
    <>
      {!saved && <PassphraseForm kind="new" action={t.copySave} submit={save} />}
      <div role="status">{saved && <div class="notice good"><h2>{t.copySaved}</h2><p>{t.copySavedText}</p></div>}</div>
    </>
  );
}
