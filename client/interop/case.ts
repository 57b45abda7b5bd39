/** The client's audit of a case of tests/frauds/catalogue.py, whoever hands its files over. */
import type { Brought } from "../src/audit/audit.ts";
import { resultStatement } from "../src/audit/count.ts";
import { runAudit } from "../src/audit/run.ts";
import { say } from "../src/audit/sentences.ts";
import { type Fetch, fromTheWeb } from "../src/audit/source.ts";
import { type Bytes, fromUtf8 } from "../src/crypto/bytes.ts";
import { COSIGNATURE, parseVerifierKey } from "../src/crypto/verifierKey.ts";
import { parseManifest } from "../src/protocol/manifest.ts";
import { parseReceipt } from "../src/protocol/receipt.ts";
import { parseTrust } from "../src/protocol/trust.ts";

/** What stands beside the record. `expected`: the numbers and keys that a command line would name. */
export interface Case<File> {
  readonly expected: { readonly poll_url: string; readonly quorum: number; readonly time: string; readonly witnesses: readonly string[] };
  readonly trust: File | null;
  readonly checkpoints: readonly File[];
  readonly receipts: readonly File[];
  readonly others: readonly File[];
}

/** What the audit finds, as tests/frauds compares it. */
export async function auditCase(fetch: Fetch, files: Case<Bytes>): Promise<object> {
  const { expected } = files;
  const { findings, verdict, recount } = await runAudit(fetch, expected.poll_url, await broughtFrom(files), new Date(expected.time), () => undefined);
  const poll = recount === null ? null : await parseManifest(await fetch(`${expected.poll_url}/manifest.json`, 60_001));
  return {
    failed: findings.filter((finding) => finding.status === "FAIL").map((finding) => finding.id),
    lines: findings.map((finding) => `${finding.number} ${finding.status} ${finding.id} ${say(finding.detail, "en")}`),
    recount: poll === null ? null : JSON.parse(fromUtf8(resultStatement(poll, recount!))),
    statuses: findings.map((finding) => finding.status),
    verdict,
  };
}

/** The same in a browser: the record lies under `record`, the other files come as lists of numbers. */
export async function auditServedCase(record: string, files: Case<number[]>): Promise<object> {
  const bytes = (numbers: readonly number[]) => Uint8Array.from(numbers);
  const fetch: Fetch = (url, limit) => {
    const { host, pathname } = new URL(url);
    return fromTheWeb(`${record}/${host.replace(":", "_")}${pathname}`, limit);
  };
  return auditCase(fetch, {
    expected: files.expected,
    trust: files.trust && bytes(files.trust),
    checkpoints: files.checkpoints.map(bytes),
    receipts: files.receipts.map(bytes),
    others: files.others.map(bytes),
  });
}

async function broughtFrom(files: Case<Bytes>): Promise<Brought> {
  return {
    trust: files.trust && (await parseTrust(files.trust)),
    checkpoints: files.checkpoints,
    receipts: files.receipts.map(parseReceipt),
    manifests: files.others,
    witnesses: await Promise.all(files.expected.witnesses.map((key) => parseVerifierKey(key, COSIGNATURE))),
    quorum: files.expected.quorum,
  };
}
