/** The audit in a worker of its own, so that the page stays quick. It reads from the services and tells nobody else. */
import { type Bytes, fromUtf8 } from "../crypto/bytes.ts";
import { list, members, string } from "../protocol/json.ts";
import { parseManifest } from "../protocol/manifest.ts";
import type { Brought } from "./audit.ts";
import type { Report } from "./findings.ts";
import { MAX_MANIFEST } from "./record.ts";
import { runAudit } from "./run.ts";
import { type Fetch, fromTheWeb } from "./source.ts";

/** What to audit. The manifests of other polls are read from the box's list. */
export interface Order {
  readonly box: string;
  readonly pollId: string;
  readonly brought: Omit<Brought, "manifests">;
}

/** What is told on the way and at the end. */
export type Told = { readonly url: string; readonly done: number; readonly total: number } | { readonly report: Report } | { readonly failed: string };

const MAX_LIST = 1_000_000;
const MAX_OTHERS = 100;

onmessage = async ({ data }: MessageEvent<Order>) => {
  const tell = (told: Told): void => postMessage(told);
  try {
    const { box, pollId, brought } = data;
    const manifests = await otherManifests(fromTheWeb, box, pollId);
    const report = await runAudit(fromTheWeb, `${box}/polls/${pollId}`, { ...brought, manifests }, new Date(), (url, done, total) => tell({ url, done, total }));
    tell({ report });
  } catch (error) {
    tell({ failed: String(error) });
  }
};

/** Manifests of other polls, as many as can be had and no more than a page should read; those that cannot are not missed. */
async function otherManifests(fetch: Fetch, box: string, pollId: string): Promise<readonly Bytes[]> {
  const ids = await listed(fetch, box).catch(() => []);
  const others = ids.filter((id) => id !== pollId).slice(0, MAX_OTHERS);
  const read = await Promise.all(others.map((id) => readable(fetch, `${box}/polls/${id}/manifest.json`).catch(() => null)));
  return read.filter((manifest) => manifest !== null);
}

async function listed(fetch: Fetch, box: string): Promise<readonly string[]> {
  const polls = members(JSON.parse(fromUtf8(await fetch(`${box}/polls`, MAX_LIST))), "polls");
  return list(polls["polls"], 0, 10_000).map((id) => string(id, /^[0-9a-f]{64}$/));
}

async function readable(fetch: Fetch, url: string): Promise<Bytes> {
  const manifest = await fetch(url, MAX_MANIFEST);
  await parseManifest(manifest);
  return manifest;
}
