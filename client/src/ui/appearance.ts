/** «Версия для слабовидящих»: size, letters, colours and spacing, remembered on this device. */
import { remembered } from "./settings.ts";

/** The first of each is the ordinary page. */
export const CHOICES = {
  size: ["normal", "large", "huge"],
  scheme: ["auto", "black", "white", "blue", "yellow"],
  font: ["sans", "serif"],
  spacing: ["normal", "wide"],
} as const;
export type Aspect = keyof typeof CHOICES;
export const ASPECTS = Object.keys(CHOICES) as readonly Aspect[];

export function show(aspect: Aspect, value: string): void {
  const root = document.documentElement;
  if (value === CHOICES[aspect][0]) delete root.dataset[aspect];
  else root.dataset[aspect] = value;
}

export function read(aspect: Aspect): string {
  const value = remembered(aspect);
  return CHOICES[aspect].find((one) => one === value) ?? CHOICES[aspect][0];
}

/** Before the first page is shown. */
export function applyAppearance(): void {
  for (const aspect of ASPECTS) show(aspect, read(aspect));
}
