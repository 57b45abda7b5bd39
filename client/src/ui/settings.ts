/** Settings of this browser. One that stores nothing forgets them with the page. */

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`veche-${name}`);
  } catch {
    return null;
  }
}

/** `null` forgets. */
export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`veche-${name}`);
    else localStorage.setItem(`veche-${name}`, value);
  } catch {
    // Storage is refused: the setting holds until the page is closed.
  }
}
