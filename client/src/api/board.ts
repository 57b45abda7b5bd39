/** What the ballot box publishes, checked before anything is made of it. */
import { type Bytes, fromB64u, fromUtf8, hex } from "../crypto/bytes.ts";
import { type Checkpoint, openCheckpoint } from "../crypto/note.ts";
import { checkCatalogue, pollLeaf, type SeenHead } from "../protocol/catalogue.ts";
import { boolean, integer, list, members, string } from "../protocol/json.ts";
import { findLeaf, readLeafHashes } from "../protocol/log.ts";
import type { Poll, Text } from "../protocol/manifest.ts";
import { openResult, openStatement, type Result } from "../protocol/statements.ts";
import { catalogueUrl, NotTrusted, type TrustRoot } from "../protocol/trust.ts";
import { getBytes, getJson, Refused } from "./http.ts";

/** The ids of all polls there are. */
export async function pollIds(trust: TrustRoot): Promise<readonly string[]> {
  const ids = list(members(await getJson(`${trust.box.url}/polls`), "polls")["polls"], 0, 10_000);
  return ids.map((id) => string(id, /^[0-9a-f]{64}$/));
}

/** Check that a poll is in the catalogue, which extends what was seen of it before; its head, to be remembered. */
export async function checkCatalogued(trust: TrustRoot, poll: Poll, seen: SeenHead | undefined): Promise<SeenHead> {
  const { catalogueKey, url } = trust.box;
  const log = catalogueUrl(url);
  const [signatures, note] = await Promise.all([
    getBytes(`${url}/polls/${poll.id}/signatures.json`),
    getBytes(`${log}/checkpoint`),
  ]);
  const head = await openCheckpoint(note, catalogueKey);
  const hashes = await readLeafHashes(head, (path) => getBytes(`${log}/${path}`));
  await checkCatalogue(head, hashes, await pollLeaf(poll.bytes, signatures), seen);
  return { size: head.size, root: head.root };
}

export async function readCheckpoint(poll: Poll): Promise<Checkpoint> {
  return (await readHead(poll)).head;
}

/** How far the box says that it is: a convenience that proves nothing (protocol 8.4). */
export async function readState(poll: Poll): Promise<{ readonly awaitsOpening: boolean }> {
  const m = members(await getJson(`${poll.box.url}/polls/${poll.id}/state.json`), "awaits_opening", "ballots", "closed", "poll_id");
  return { awaitsOpening: boolean(m["awaits_opening"]) };
}

/** How many tokens were issued, as the issuer says while the poll is open. */
export async function issued(poll: Poll): Promise<number> {
  const answer = members(await getJson(`${poll.issuers[0]!.url}/polls/${poll.id}/issuance`), "issued", "poll_id");
  return integer(answer["issued"], 0);
}

export interface Found {
  readonly head: Checkpoint;
  /** The checkpoint as it was served. */
  readonly note: Bytes;
  /** All leaf hashes, which give the head's root. */
  readonly hashes: readonly Bytes[];
  /** The leaf's index, null while it is not in the log. */
  readonly index: number | null;
}

/** The poll log's checkpoint, verified, and as it was served. */
export async function readHead(poll: Poll): Promise<Pick<Found, "head" | "note">> {
  const note = await getBytes(`${poll.box.logUrl}/checkpoint`);
  return { head: await openCheckpoint(note, poll.box.logKey), note };
}

/** Look for a leaf by reading all level-0 tiles, so that the box does not learn which one (protocol 6.5). */
export async function findBallot(poll: Poll, leaf: Bytes): Promise<Found> {
  const { head, note } = await readHead(poll);
  const hashes = await readLeafHashes(head, (path) => getBytes(`${poll.box.logUrl}/${path}`));
  return { head, note, hashes, index: await findLeaf(head, hashes, leaf) };
}

/** A cancellation or a decision, its signatures checked; null when there is none. */
export async function readStatement(poll: Poll, kind: "cancellation" | "decision"): Promise<Text | null> {
  try {
    return await openStatement(poll, kind, await getBytes(`${poll.box.url}/polls/${poll.id}/${kind}.json`));
  } catch (error) {
    if (error instanceof Refused && !error.passing) return null;
    throw error;
  }
}

/** The signed result, checked against the log's checkpoint; null before there is one. */
export async function readResult(poll: Poll): Promise<Result | null> {
  const base = `${poll.box.url}/polls/${poll.id}`;
  try {
    const [statement, signature] = await Promise.all([getBytes(`${base}/result.json`), getBytes(`${base}/result.signature`)]);
    const result = await openResult(poll, statement, fromB64u(fromUtf8(signature), 64));
    const head = await readCheckpoint(poll);
    const root = hex(head.root);
    if (head.size !== result.checkpoint.size || root !== result.checkpoint.root) throw new NotTrusted("another checkpoint");
    return result;
  } catch (error) {
    if (error instanceof Refused && !error.passing) return null;
    throw error;
  }
}
