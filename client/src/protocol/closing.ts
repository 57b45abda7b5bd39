/** Closing records: the last leaf of a log, which names how many stand before it (protocol 5.4 and 7.4). */
import { type Bytes, equal } from "../crypto/bytes.ts";
import { integer, Malformed, members, oneOf, parseCanonical } from "./json.ts";
import { CLOSING, ISSUANCE_CLOSING } from "./labels.ts";
import type { Poll } from "./manifest.ts";

/** The number of ballots that a poll's closing record names. Throws Malformed, EncodingRefused. */
export function readClosing(poll: Poll, leaf: Bytes): number {
  return read(poll, leaf, CLOSING, "ballots");
}

/** The number of issuances that an issuance log's closing record names. Throws Malformed, EncodingRefused. */
export function readIssuanceClosing(poll: Poll, leaf: Bytes): number {
  return read(poll, leaf, ISSUANCE_CLOSING, "issued");
}

function read(poll: Poll, leaf: Bytes, label: Bytes, counted: string): number {
  if (!equal(leaf.subarray(0, label.length), label)) throw new Malformed("another label");
  const m = members(parseCanonical(leaf.subarray(label.length)), counted, "poll_id");
  oneOf(m["poll_id"], poll.id);
  return integer(m[counted], 0);
}
