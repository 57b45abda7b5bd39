/** What is said of a sealed poll: who opens it. */
import type { Poll, Sealing } from "../protocol/manifest.ts";
import { useHere } from "./shell.tsx";

/** Until when the answers are hidden, and from whom; nothing for a poll that is not sealed. */
export function Sealed({ poll: { sealing } }: { readonly poll: Poll }) {
  const { t } = useHere();
  if (sealing === null) return null;
  return <p>{sealing.trustees.length === 0 ? t.sealedAutomatically : t.sealedByTrustees(sealing.threshold, sealing.trustees.length, namesOf(sealing))}</p>;
}

/** Initials stay with their names. */
export const namesOf = (sealing: Sealing): string => sealing.trustees.join(", ").replaceAll(". ", ".\u00a0");
