/** The page's side of the audit: start it in a worker, hear of its progress, end it. */
import type { Report } from "./findings.ts";
import type { Order, Told } from "./worker.ts";

/** How many of how many records of a log are read. */
export interface Reading {
  readonly url: string;
  readonly done: number;
  readonly total: number;
}

/** Fetch the worker's code, held to the hash that index.html gives: what is started then is in the browser's cache. */
async function fetchWorkers(): Promise<void> {
  for (const { href, integrity } of document.querySelectorAll<HTMLLinkElement>("link[data-worker]")) {
    await fetch(href, { integrity }).then((response) => response.blob());
  }
}

/** The audit could not run to its end: this browser, or this program, failed it. */
class AuditBroken extends Error {}

/** Run an audit until its report, or until `signal` ends it (then nothing is told any more). Rejects with AuditBroken. */
export async function startAudit(order: Order, signal: AbortSignal, onProgress: (reading: Reading) => void): Promise<Report> {
  await fetchWorkers();
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    signal.addEventListener("abort", () => worker.terminate());
    worker.onerror = (event) => reject(new AuditBroken(event.message));
    worker.onmessage = ({ data }: MessageEvent<Told>) => {
      if ("done" in data) return onProgress(data);
      worker.terminate();
      if ("report" in data) resolve(data.report);
      else reject(new AuditBroken(data.failed));
    };
    worker.postMessage(order);
  });
}
