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

export async function getBytes(url: string, patience = TIMEOUT_MS): Promise<Bytes> {
  return request(url, { method: "GET", cache: "no-cache", signal: AbortSignal.timeout(patience) });
}

/** What index.html preloads, taken over as it comes: only a request of the same mode takes it. */
export async function getPreloaded(url: string): Promise<Bytes> {
  return request(url, { method: "GET", credentials: "same-origin" });
}

export async function getJson(url: string): Promise<unknown> {
  return jsonOf(await getBytes(url));
}

export async function post(url: string, body: BodyInit, headers: Record<string, string>): Promise<unknown> {
  return jsonOf(await request(url, { method: "POST", body, headers }));
}

function jsonOf(bytes: Bytes): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** The whole answer: one that breaks off is none. */
async function request(url: string, options: RequestInit): Promise<Bytes> {
  let response: Response;
  let body: Bytes;
  try {
    response = await fetch(url, {
      credentials: "omit",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...options,
      referrerPolicy: "no-referrer",
      redirect: "error",
    });
    body = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new ConnectionLost("no answer", { cause: error });
  }
  if (response.ok) return body;
  throw new Refused(slugOf(response, body));
}

function slugOf(response: Response, body: Bytes): string {
  try {
    const problem = jsonOf(body);
    if (typeof problem === "object" && problem !== null && "type" in problem) {
      return String(problem.type).replace(PREFIX, "");
    }
  } catch {
    return response.status === 404 ? "not-found" : "unavailable";
  }
  return response.status >= 500 ? "unavailable" : "malformed-request";
}
