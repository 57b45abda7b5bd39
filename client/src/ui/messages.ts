/** The sentences of the interface by language, and moments for people. */
import type { Language } from "../protocol/manifest.ts";
import { en } from "./messages/en.ts";
import { type Messages, ru } from "./messages/ru.ts";

export type { Messages };

export const MESSAGES: Readonly<Record<Language, Messages>> = { ru, en };

/** A moment in Altai time, for people. */
export function moment(date: Date, language: Language): string {
  const zoned = { timeZone: "Asia/Barnaul", hour12: false } as const;
  const locale = language === "ru" ? "ru-RU" : "en-GB";
  const day = new Intl.DateTimeFormat(locale, { ...zoned, dateStyle: "long" }).format(date).replaceAll(" ", "\u00a0");
  const time = new Intl.DateTimeFormat(locale, { ...zoned, timeStyle: "short" }).format(date);
  return `${day}, ${time}\u00a0(${language === "ru" ? "МСК+4" : "UTC+7"})`;
}
