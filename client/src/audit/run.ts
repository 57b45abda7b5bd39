/** The whole audit of a poll: every check, in the order of protocol 9.2. */
import { Audit, type Brought } from "./audit.ts";
import * as checks from "./checks.ts";
import * as beyond from "./checksBeyond.ts";
import { CHECK_IDS, type CheckId, Failed, type Finding, NO_FAULTS, type Report, Skipped, verdictOf } from "./findings.ts";
import type { SeenHead } from "../protocol/catalogue.ts";
import { readRecord } from "./record.ts";
import type { Progress } from "./scan.ts";
import type { Fetch } from "./source.ts";

const CHECKS: Readonly<Record<CheckId, checks.Check>> = {
  manifest: checks.manifest,
  trust: checks.trust,
  "manifest-signatures": checks.manifestSignatures,
  parameters: checks.parameters,
  checkpoint: checks.checkpoint,
  tree: checks.tree,
  consistency: checks.consistency,
  "first-leaf": checks.firstLeaf,
  closing: checks.closing,
  ballots: checks.eachBallot("ballots"),
  tokens: checks.eachBallot("tokens"),
  "ballot-signatures": checks.eachBallot("ballot-signatures"),
  unique: checks.unique,
  receipts: checks.receipts,
  result: checks.result,
  issuance: beyond.issuance,
  "other-polls": beyond.otherPolls,
  witnesses: beyond.witnesses,
  catalogue: beyond.catalogue,
  opening: checks.opening,
  client: beyond.client,
};

/** What must stand before a head is remembered. */
const HISTORY: ReadonlySet<CheckId> = new Set(["checkpoint", "tree", "consistency"]);

/** Audit the poll at a URL. No check is left out because another failed. */
export async function runAudit(fetch: Fetch, pollUrl: string, brought: Brought, now: Date, progress: Progress): Promise<Report> {
  const record = await readRecord(fetch, pollUrl);
  const audit = new Audit(record, fetch, brought, now, progress);
  const findings: Finding[] = [];
  for (const [at, id] of CHECK_IDS.entries()) findings.push(await find(audit, at + 1, id));
  const recount = await audit.recount().catch((error: unknown) => {
    if (error instanceof Skipped) return null;
    throw error;
  });
  return { pollId: record.pollId, findings, verdict: verdictOf(findings), recount, head: await headOf(audit, findings) };
}

async function headOf(audit: Audit, findings: readonly Finding[]): Promise<SeenHead | null> {
  const { note } = audit.record.pollLog;
  const stands = findings.every(({ id, status }) => status === "PASS" || !HISTORY.has(id) || (id === "consistency" && status === "SKIPPED"));
  if (note instanceof Error || !stands) return null;
  const { size, root } = await audit.head();
  return { size, root, note };
}

async function find(audit: Audit, number: number, id: CheckId): Promise<Finding> {
  const found = { number, id, faults: NO_FAULTS, leavesOpen: false };
  try {
    return { ...found, status: "PASS", detail: await CHECKS[id](audit) };
  } catch (error) {
    if (error instanceof Failed) return { ...found, status: "FAIL", detail: error.detail, faults: error.faults };
    if (error instanceof Skipped) return { ...found, status: "SKIPPED", detail: error.detail, leavesOpen: error.leavesOpen };
    throw error;
  }
}
