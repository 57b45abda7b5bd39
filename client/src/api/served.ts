/** A poll as the ballot box serves it, unchecked: this is asked for before the code that checks it is here. */
import type { ServedPoll } from "../protocol/trust.ts";
import { getBytes, getJson } from "./http.ts";

/** `box`: the ballot box's URL. Throws Refused, ConnectionLost. */
export async function fetchPoll(box: string, id: string): Promise<ServedPoll> {
  const base = `${box}/polls/${id}`;
  const [manifest, signatures] = await Promise.all([getBytes(`${base}/manifest.json`), getJson(`${base}/signatures.json`)]);
  return { id, manifest, signatures };
}
