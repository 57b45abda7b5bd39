/** The text of the poll of the address, once it is checked, until the page is here that has it too (ui/start.tsx). */
import { early } from "./checked.ts";
import type { Poll } from "./protocol/manifest.ts";
import { applyAppearance } from "./ui/appearance.ts";
import { phase, RUSSIAN } from "./ui/phase.ts";
import { remembered } from "./ui/settings.ts";

function element(name: string, className: string, ...children: readonly (Node | string)[]): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

/** The same elements as on the poll's page. */
function textOf(poll: Poll): HTMLElement {
  const ru = (text: { readonly ru?: string }): string => text.ru ?? "";
  const questions = poll.questions.map(({ text, options }) =>
    element("li", "", ru(text), element("ul", "", ...options.map((option) => element("li", "", ru(option.text))))),
  );
  const main = element(
    "main",
    "page",
    element("p", "", element("span", `tag ${phase(poll)}`, RUSSIAN[phase(poll)])),
    element("h1", "", ru(poll.title)),
    ...ru(poll.description).split("\n").map((line) => element("p", "lead", line)),
    element("ol", "asked", ...questions),
  );
  main.dataset["state"] = "poll-text";
  return main;
}

function show(poll: Poll | null): void {
  const there = document.querySelector("main") !== null;
  if (poll !== null && !there && remembered("language") !== "en") document.getElementById("app")!.append(textOf(poll));
}

applyAppearance();
void early.then(show);
