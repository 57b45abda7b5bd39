/** `useHere` with every sentence, for pages that are loaded when they are wanted. */
import type { Messages } from "./messages.ts";
import { ruLater } from "./messages/ruLater.ts";
import { type Speech, useSpeech } from "./shell.tsx";

export function useHereLater(): Speech<Messages> {
  return useSpeech(ruLater);
}
