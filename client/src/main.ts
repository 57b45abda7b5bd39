/** Asks for the first page's data, then for the code that checks and shows the poll's text, then for the page around it. */
import "./asked.ts";
import { fetchHeld } from "./held.ts";

const LOST = "Страница загрузилась не вся. Обновите её, когда появится связь. The page has not come whole. Reload it when there is a connection.";

/** The page names the hash of the code that it loads: not before that was read. */
async function whole(): Promise<void> {
  if (document.readyState === "loading") await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));
}

async function load(): Promise<void> {
  await whole();
  await import("./text.ts");
  fetchHeld("[data-start]");
  await import("./ui/start.tsx");
}

load().catch(() => {
  document.getElementById("app")!.textContent = LOST;
});
