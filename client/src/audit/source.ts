/** Where an audit reads: files by URL, each bounded in size and time by what is asked (protocol 9.1). */
import { type Bytes, concat } from "../crypto/bytes.ts";

/** The source answers that it has no such file. */
export class NotThere extends Error {}

/** The source does not answer, or not as it should. */
export class OutOfReach extends Error {}

/** The bytes at a URL, at most so many. Throws NotThere, OutOfReach. */
export type Fetch = (url: string, limit: number) => Promise<Bytes>;

/** A file, or why it cannot be had. */
export type File = Bytes | NotThere | OutOfReach;

const ANSWER_MS = 60_000;

/** What a file is, or why it cannot be had. */
export async function fileAt(fetchFrom: Fetch, url: string, limit: number): Promise<File> {
  try {
    return await fetchFrom(url, limit);
  } catch (error) {
    if (error instanceof NotThere || error instanceof OutOfReach) return error;
    throw error;
  }
}

/** The services themselves: no cookies, no referrer, no redirect. */
export async function fromTheWeb(url: string, limit: number): Promise<Bytes> {
  try {
    const response = await fetch(url, {
      cache: "no-cache",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (response.status === 404) throw new NotThere(url);
    if (response.status !== 200) throw new OutOfReach(`${url}: ${response.status}`);
    return await bounded(response, url, limit);
  } catch (error) {
    if (error instanceof NotThere || error instanceof OutOfReach) throw error;
    throw new OutOfReach(url, { cause: error });
  }
}

async function bounded(response: Response, url: string, limit: number): Promise<Bytes> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    chunks.push(read.value);
    size += read.value.length;
    if (size <= limit) continue;
    await reader?.cancel();
    throw new OutOfReach(`${url}: > ${limit}`);
  }
  return concat(...chunks);
}
