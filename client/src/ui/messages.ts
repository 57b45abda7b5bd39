/** The sentences of the interface by language, and moments for people. Russian is here at once, English when it is wanted. */
import type { Language } from "../protocol/manifest.ts";
import { type Messages, ru } from "./messages/ru.ts";

export type { Messages };

const here = new Map<Language, Messages>([["ru", ru]]);

export async function loadMessages(language: Language): Promise<void> {
  if (!here.has(language)) here.set(language, (await import("./messages/en.ts")).en);
}

/** Russian while a language is not loaded. */
export function messagesIn(language: Language): Messages {
  return here.get(language) ?? ru;
}

/** A moment in Altai time, for people. */
export function moment(date: Date, language: Language): string {
  const zoned = { timeZone: "Asia/Barnaul", hour12: false } as const;
  const locale = language === "ru" ? "ru-RU" : "en-GB";
  const day = new Intl.DateTimeFormat(locale, { ...zoned, dateStyle: "long" }).format(date).replaceAll(" ", "\u00a0");
  const time = new Intl.DateTimeFormat(locale, { ...zoned, timeStyle: "short" }).format(date);
  return `${day}, ${time}\u00a0(${language === "ru" ? "МСК+4" : "UTC+7"})`;
}
