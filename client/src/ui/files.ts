/** Files that a resident keeps. */
import type { Bytes } from "../crypto/bytes.ts";

/** Let the browser save canonical JSON under a name. */
export function saveFile(data: Bytes, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([data], { type: "application/json" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
