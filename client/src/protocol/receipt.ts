/** The receipt file that a resident keeps, and the file that shows a broken promise (protocol 6.5). */
import { type Bytes, b64u, fromB64u, fromHex, hex } from "../crypto/bytes.ts";
import { canonicalJson, members, oneOf, parseCanonical, string } from "./json.ts";

export interface Receipt {
  readonly pollId: string;
  readonly leaf: Bytes;
  readonly signature: Bytes;
}

/** Read a receipt file, or the file of a broken promise, which has a receipt in it. Throws Malformed, EncodingRefused. */
export function parseReceipt(file: Bytes): Receipt {
  const whole = parseCanonical(file);
  if (typeof whole !== "object" || whole === null || !("checkpoint" in whole)) return readReceipt(whole);
  const m = members(whole, "checkpoint", "format", "receipt");
  oneOf(m["format"], "veche/dispute/v1");
  return readReceipt(m["receipt"]);
}

function readReceipt(object: unknown): Receipt {
  const m = members(object, "format", "leaf_hash", "poll_id", "receipt");
  oneOf(m["format"], "veche/receipt/v1");
  const pollId = string(m["poll_id"]);
  fromHex(pollId, 32);
  return { pollId, leaf: fromHex(string(m["leaf_hash"]), 32), signature: fromB64u(string(m["receipt"]), 64) };
}

export function receiptFile(receipt: Receipt): Bytes {
  return canonicalJson(receiptMembers(receipt));
}

/** The receipt beside the checkpoint that should cover its ballot and does not. */
export function disputeFile(receipt: Receipt, checkpoint: Bytes): Bytes {
  return canonicalJson({ checkpoint: b64u(checkpoint), format: "veche/dispute/v1", receipt: receiptMembers(receipt) });
}

function receiptMembers(receipt: Receipt): object {
  return {
    format: "veche/receipt/v1",
    leaf_hash: hex(receipt.leaf),
    poll_id: receipt.pollId,
    receipt: b64u(receipt.signature),
  };
}
