/** «Версия для слабовидящих»: size, letters, colours and spacing, remembered on this device. */
import { useState } from "preact/hooks";
import { remember, remembered } from "./settings.ts";
import { useHere } from "./shell.tsx";

/** The first of each is the ordinary page. */
const CHOICES = {
  size: ["normal", "large", "huge"],
  scheme: ["auto", "black", "white", "blue", "yellow"],
  font: ["sans", "serif"],
  spacing: ["normal", "wide"],
} as const;
type Aspect = keyof typeof CHOICES;
const ASPECTS = Object.keys(CHOICES) as readonly Aspect[];

function show(aspect: Aspect, value: string): void {
  const root = document.documentElement;
  if (value === CHOICES[aspect][0]) delete root.dataset[aspect];
  else root.dataset[aspect] = value;
}

function read(aspect: Aspect): string {
  const value = remembered(aspect);
  return CHOICES[aspect].find((one) => one === value) ?? CHOICES[aspect][0];
}

/** Before the first page is shown. */
export function applyAppearance(): void {
  for (const aspect of ASPECTS) show(aspect, read(aspect));
}

export function AppearancePanel({ close }: { readonly close: () => void }) {
  const { t } = useHere();
  const [chosen, setChosen] = useState(() => Object.fromEntries(ASPECTS.map((aspect) => [aspect, read(aspect)])));
  const choose = (aspect: Aspect, value: string): void => {
    show(aspect, value);
    remember(aspect, value === CHOICES[aspect][0] ? null : value);
    setChosen((before) => ({ ...before, [aspect]: value }));
  };
  const reset = (): void => {
    for (const aspect of ASPECTS) choose(aspect, CHOICES[aspect][0]);
    close();
  };
  return (
    <section id="appearance" class="panel" aria-label={t.appearance}>
      {ASPECTS.map((aspect) => (
        <fieldset key={aspect}>
          <legend>{t.appearanceOf[aspect]}</legend>
          <div class="options">
            {CHOICES[aspect].map((value) => (
              <label key={value}>
                <input type="radio" name={aspect} checked={chosen[aspect] === value} onChange={() => choose(aspect, value)} />
                <span>{(t.appearanceNames[aspect] as Readonly<Record<string, string>>)[value]}</span>
              </label>
            ))}
          </div>
        </fieldset>
      ))}
      <div class="buttons">
        <button type="button" class="button secondary" onClick={close}>{t.appearanceClose}</button>
        <button type="button" class="button secondary" onClick={reset}>{t.appearanceReset}</button>
      </div>
    </section>
  );
}
