/** The sentences of the interface by language, and moments for people. Russian is here at once, English when it is wanted. */
import type { Language } from "../protocol/manifest.ts";
import { fetchHeld } from "../held.ts";
import type { Messages } from "./messages/ruLater.ts";

export type { Messages };

let english: Messages | undefined;

export async function loadMessages(language: Language): Promise<void> {
  if (language !== "en") return;
  fetchHeld('[href*="/en-"]');
  english ??= (await import("./messages/en.ts")).en;
}

/** English where it is loaded, else these Russian sentences: all of them, or the first. */
export function messagesIn<T>(language: Language, russian: T): T | Messages {
  return (language === "en" ? english : undefined) ?? russian;
}

/** A moment in Altai time, for people. */
export function moment(date: Date, language: Language): string {
  const zoned = { timeZone: "Asia/Barnaul", hour12: false } as const;
  const locale = language === "ru" ? "ru-RU" : "en-GB";
  const day = new Intl.DateTimeFormat(locale, { ...zoned, dateStyle: "long" }).format(date).replaceAll(" ", "\u00a0");
  const time = new Intl.DateTimeFormat(locale, { ...zoned, timeStyle: "short" }).format(date);
  return `${day}, ${time}\u00a0(${language === "ru" ? "МСК+4" : "UTC+7"})`;
}
