/** Requests to the services: no cookies, no referrer; refusals by slug (RFC 9457), lost connections as such. */
import type { Bytes } from "../crypto/bytes.ts";

/** Refusals that may be over when the same is asked again. */
const PASSING: ReadonlySet<string> = new Set(["unavailable", "internal-error", "esia-unavailable", "storage-full", "box-read-only", "poll-not-open"]);

export class Refused extends Error {
  readonly slug: string;

  get passing(): boolean {
    return PASSING.has(this.slug);
  }

  constructor(slug: string) {
    super(slug);
    this.slug = slug;
  }
}

/** No answer came. The same request may be repeated byte for byte. */
export class ConnectionLost extends Error {}

const PREFIX = "urn:veche:problem:";
const TIMEOUT_MS = 30_000;

export async function getBytes(url: string): Promise<Bytes> {
  return bytesOf(await request(url, { method: "GET", cache: "no-cache" }));
}

/** What index.html preloads, taken over as it comes: only a request of the same mode takes it. */
export async function getPreloaded(url: string): Promise<Bytes> {
  return bytesOf(await request(url, { method: "GET", credentials: "same-origin" }));
}

export async function getJson(url: string): Promise<unknown> {
  return (await request(url, { method: "GET", cache: "no-cache" })).json();
}

export async function post(url: string, body: BodyInit, headers: Record<string, string>): Promise<unknown> {
  return (await request(url, { method: "POST", body, headers })).json();
}

async function bytesOf(response: Response): Promise<Bytes> {
  return new Uint8Array(await response.arrayBuffer());
}

async function request(url: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      credentials: "omit",
      ...options,
      referrerPolicy: "no-referrer",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new ConnectionLost("no answer", { cause: error });
  }
  if (response.ok) return response;
  throw new Refused(await slugOf(response));
}

async function slugOf(response: Response): Promise<string> {
  try {
    const problem: unknown = await response.json();
    if (typeof problem === "object" && problem !== null && "type" in problem) {
      return String(problem.type).replace(PREFIX, "");
    }
  } catch {
    return "unavailable";
  }
  return response.status >= 500 ? "unavailable" : "malformed-request";
}
