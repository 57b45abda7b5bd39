/** Pages of a vote with a passphrase: before the sign-in on a shared device, and the copy of a ballot that is sent later. */
import type { Poll } from "../protocol/manifest.ts";
import { protect } from "../voting/session.ts";
import { everyIssuer, signIn } from "../voting/signIn.ts";
import { CopyForm } from "./copy.tsx";
import { useHereLater } from "./hereLater.ts";
import { PassphraseForm } from "./passphrase.tsx";
import { href } from "./route.ts";
import { Back, Page } from "./shell.tsx";

/** Before the sign-in on a shared device. */
export function ProtectPage({ poll }: { readonly poll: Poll }) {
  const { t, trust, language } = useHereLater();
  const enter = async (passphrase: string): Promise<void> => {
    await protect(passphrase);
    await signIn(trust, poll, everyIssuer(poll), language);
  };
  return (
    <Page title={t.protectTitle} state="protect" above={<Back to={{ page: "poll", poll: poll.id }} />}>
      <p class="lead">{t.protectLead}</p>
      <PassphraseForm kind="new" action={t.protectNext} submit={enter} />
    </Page>
  );
}

/** The ballot is kept to be sent by hand; before that, a copy of it. */
export function LaterPage({ poll }: { readonly poll: Poll }) {
  const { t, when } = useHereLater();
  return (
    <Page title={t.laterTitle} state="later">
      <p class="lead">{t.laterText(when(poll.closesAt))}</p>
      <h2>{t.copy}</h2>
      <p>{t.laterCopy}</p>
      <CopyForm />
      <p><a href={href({ page: "poll", poll: poll.id })}>{t.laterSkip}</a></p>
    </Page>
  );
}
