/** Addresses inside the page: everything after `#`, which no server sees. */

/** What can be done with what this device keeps. */
export const TASKS = ["copy", "restore", "lock", "left", "unlock", "clear"] as const;
export type Task = (typeof TASKS)[number];

export type Route =
  | { readonly page: "polls" }
  | { readonly page: "receipt" }
  | { readonly page: "device"; readonly task: Task | null }
  | { readonly page: "poll"; readonly poll: string }
  | { readonly page: "protect"; readonly poll: string }
  | { readonly page: "token"; readonly poll: string }
  | { readonly page: "question"; readonly poll: string; readonly number: number }
  | { readonly page: "check"; readonly poll: string }
  | { readonly page: "wait"; readonly poll: string }
  | { readonly page: "later"; readonly poll: string }
  | { readonly page: "send"; readonly poll: string }
  | { readonly page: "done"; readonly poll: string }
  | { readonly page: "find"; readonly poll: string }
  | { readonly page: "audit"; readonly poll: string }
  | { readonly page: "refused"; readonly poll: string; readonly slug: string }
  | { readonly page: "unknown" };

const PATH = /^#\/poll\/([0-9a-f]{64})(?:\/(protect|token|check|wait|later|send|done|find|audit|question\/([1-9][0-9]?)|refused\/([a-z-]{1,40})))?$/;

export function parseRoute(hash: string): Route {
  if (hash === "" || hash === "#" || hash === "#/") return { page: "polls" };
  if (hash === "#/receipt") return { page: "receipt" };
  if (hash === "#/device") return { page: "device", task: null };
  const task = TASKS.find((one) => hash === `#/device/${one}`);
  if (task !== undefined) return { page: "device", task };
  const match = PATH.exec(hash);
  const [, poll, page, number, slug] = match ?? [];
  if (poll === undefined) return { page: "unknown" };
  if (page === undefined) return { page: "poll", poll };
  if (number !== undefined) return { page: "question", poll, number: Number(number) };
  if (slug !== undefined) return { page: "refused", poll, slug };
  return { page: page as "protect" | "token" | "check" | "wait" | "later" | "send" | "done" | "find" | "audit", poll };
}

export function href(route: Route): string {
  switch (route.page) {
    case "polls":
    case "unknown":
      return "#/";
    case "receipt":
      return "#/receipt";
    case "device":
      return route.task === null ? "#/device" : `#/device/${route.task}`;
    case "poll":
      return `#/poll/${route.poll}`;
    case "question":
      return `#/poll/${route.poll}/question/${route.number}`;
    case "refused":
      return `#/poll/${route.poll}/refused/${route.slug}`;
    case "protect":
    case "token":
    case "check":
    case "wait":
    case "later":
    case "send":
    case "done":
    case "find":
    case "audit":
      return `#/poll/${route.poll}/${route.page}`;
  }
}

export function go(route: Route, options: { readonly replace?: boolean } = {}): void {
  if (options.replace === true) location.replace(href(route));
  else location.assign(href(route));
}
