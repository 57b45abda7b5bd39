/** Where the appearance is chosen. */
import { useState } from "preact/hooks";
import { ASPECTS, type Aspect, CHOICES, read, show } from "./appearance.ts";
import { useHere } from "./here.ts";
import { remember } from "./settings.ts";

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
