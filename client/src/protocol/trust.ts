/** The trust root (protocol 2.3) and what it vouches for. */
import { type Bytes, equal, fromB64u, hex, sha256 } from "../crypto/bytes.ts";
import { verifyEd25519 } from "../crypto/ed25519.ts";
import { parseVerifierKey, type VerifierKey } from "../crypto/verifierKey.ts";
import { integer, list, Malformed, members, oneOf, parseCanonical, string } from "./json.ts";
import { firstLeaf, line, logKeysFit, ORIGIN, parseManifest, type Poll, SERVICE_URL } from "./manifest.ts";

export class NotTrusted extends Error {}

interface TrustedService {
  readonly url: string;
  readonly statementKey: Bytes;
}

export interface TrustRoot {
  readonly issuers: readonly (TrustedService & { readonly name: string })[];
  readonly box: TrustedService & { readonly catalogueKey: VerifierKey };
  readonly client: string;
  readonly fingerprint: string;
}

/** A poll as it was served; it never changes. */
export interface ServedPoll {
  readonly id: string;
  readonly manifest: Bytes;
  readonly signatures: unknown;
}

/** The catalogue's URL at a ballot box (3.9). */
export function catalogueUrl(box: string): string {
  return `${box}/log/catalogue`;
}

/** Parse a pinned trust root. Throws Malformed, EncodingRefused. */
export async function parseTrust(bytes: Bytes): Promise<TrustRoot> {
  const m = members(parseCanonical(bytes), "ballot_box", "client", "format", "issuers");
  oneOf(m["format"], "veche/trust/v1");
  return {
    issuers: list(m["issuers"], 1, 16).map((value) => {
      const issuer = members(value, "name", "statement_key", "url");
      return { name: line(issuer["name"]), ...service(issuer) };
    }),
    box: await box(members(m["ballot_box"], "catalogue_key", "statement_key", "url")),
    client: string(m["client"], ORIGIN),
    fingerprint: hex(await sha256(bytes)),
  };
}

/** A poll whose hash, structure, signatures and services are right. Throws otherwise. */
export async function checkPoll(trust: TrustRoot, served: ServedPoll): Promise<Poll> {
  const poll = await parseManifest(served.manifest);
  if (poll.id !== served.id) throw new NotTrusted("the manifest is not that of this poll id");
  await checkTrusted(trust, poll, served.signatures);
  return poll;
}

/** Check that services, log keys and signatures of a poll are sound and the trust root's (3.5). Throws NotTrusted, InvalidSignature. */
export async function checkTrusted(trust: TrustRoot, poll: Poll, signatures: unknown): Promise<void> {
  checkServices(trust, poll);
  if (!logKeysFit(poll)) throw new NotTrusted("log key of another origin");
  await verifySignatures(poll, signatures);
}

/** Every service of a poll is the trust root's. Throws NotTrusted. */
export function checkServices(trust: TrustRoot, poll: Poll): void {
  const known = (service: TrustedService) => (one: TrustedService) =>
    one.url === service.url && equal(one.statementKey, service.statementKey);
  if (!poll.issuers.every((issuer) => trust.issuers.some(known(issuer)))) throw new NotTrusted("issuer");
  if (!known(poll.box)(trust.box)) throw new NotTrusted("ballot box");
  if (poll.client !== trust.client) throw new NotTrusted("client");
}

/** One signature by every issuer of the manifest, ascending. Throws Malformed, InvalidSignature. */
export async function verifySignatures(poll: Poll, signatures: unknown): Promise<void> {
  const given = list(members(signatures, "signatures")["signatures"], poll.issuers.length, poll.issuers.length);
  for (const [index, value] of given.entries()) {
    const signature = members(value, "issuer", "signature");
    if (integer(signature["issuer"], 0) !== index) throw new Malformed("signatures out of order");
    const key = poll.issuers[index]!.statementKey;
    await verifyEd25519(key, firstLeaf(poll), fromB64u(string(signature["signature"]), 64));
  }
}

async function box(m: Readonly<Record<string, unknown>>): Promise<TrustRoot["box"]> {
  const { url, statementKey } = service(m);
  const catalogueKey = await parseVerifierKey(string(m["catalogue_key"]));
  if (catalogueKey.name !== catalogueUrl(url).split("://")[1]) throw new Malformed("the catalogue's key is named otherwise");
  return { url, statementKey, catalogueKey };
}

function service(m: Readonly<Record<string, unknown>>): TrustedService {
  return { url: string(m["url"], SERVICE_URL), statementKey: fromB64u(string(m["statement_key"]), 32) };
}
