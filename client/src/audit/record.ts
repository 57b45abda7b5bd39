/** The files of a poll beside the leaves of its logs (protocol 9.1), as they come: nothing is judged here. */
import { parseManifest } from "../protocol/manifest.ts";
import { MAX_BUNDLE } from "./bundle.ts";
import { type Fetch, type File, fileAt, NotThere } from "./source.ts";

export const MAX_MANIFEST = 60_000;
/** Of every file but the manifest, the result and notes. */
const MAX_SMALL = 2 ** 20;
const MAX_NOTE = 65_536;

/** A log by its URL, and its checkpoint note. */
export interface LogHead {
  readonly url: string;
  readonly note: File;
}

export interface Record {
  readonly pollId: string;
  readonly manifest: File;
  readonly signatures: File;
  readonly result: File;
  readonly resultSignature: File;
  readonly opening: File;
  readonly catalogueProof: File;
  readonly pollLog: LogHead;
  readonly issuanceLogs: readonly LogHead[];
}

/** Read a poll at its URL, `<box>/polls/<poll_id>`. What cannot be had is noted, not thrown. */
export async function readRecord(fetch: Fetch, pollUrl: string): Promise<Record> {
  const at = (name: string, limit: number): Promise<File> => fileAt(fetch, `${pollUrl}/${name}`, limit);
  const [manifest, signatures, result, resultSignature, opening, catalogueProof] = await Promise.all([
    at("manifest.json", MAX_MANIFEST + 1),
    at("signatures.json", MAX_SMALL),
    at("result.json", MAX_BUNDLE),
    at("result.signature", MAX_SMALL),
    at("opening.json", MAX_SMALL),
    at("catalogue.tlog-proof", MAX_SMALL),
  ]);
  const [pollLog, ...issuanceLogs] = await Promise.all((await logUrls(manifest)).map(async (url) => ({ url, note: await fileAt(fetch, `${url}/checkpoint`, MAX_NOTE) })));
  return {
    pollId: pollUrl.slice(pollUrl.lastIndexOf("/") + 1),
    manifest, signatures, result, resultSignature, opening, catalogueProof,
    pollLog: pollLog ?? { url: "", note: new NotThere("") },
    issuanceLogs,
  };
}

async function logUrls(manifest: File): Promise<readonly string[]> {
  if (manifest instanceof Error) return [];
  try {
    const poll = await parseManifest(manifest);
    return [poll.box.logUrl, ...poll.issuers.map((issuer) => issuer.logUrl)];
  } catch {
    return [];
  }
}
