/** Scripts that come later, each held to the hash that index.html gives (SRI). */

/** Fetch those of these links; `import()` then takes what is fetched (module map). */
export function fetchHeld(links: string): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>(`link${links}:not([rel])`)) link.rel = "modulepreload";
}

/** Fetch all of them. */
export function fetchLater(): void {
  fetchHeld("[data-next]");
  fetchHeld("[data-later]");
}
