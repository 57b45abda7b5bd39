/** `useHere` with what is said on the way of a vote, for pages whose code is loaded later. */
import type { Messages } from "./messages.ts";
import { ru } from "./messages/ru.ts";
import { type Speech, useSpeech } from "./shell.tsx";

export function useHere(): Speech<typeof ru | Messages> {
  return useSpeech(ru);
}
