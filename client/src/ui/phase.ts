/** Where a poll stands by the clock, and the words for it, which come with its text. */
import type { Poll } from "../protocol/manifest.ts";

export type Phase = "soon" | "open" | "closed";

export const RUSSIAN = { soon: "Скоро", open: "Идёт", closed: "Завершено" };

export function phase(poll: Poll): Phase {
  const now = new Date();
  if (now < poll.opensAt) return "soon";
  return now < poll.closesAt ? "open" : "closed";
}
