// The client's audit over record folders, as tests/frauds/catalogue.py writes them: a folder per argument, a JSON line for each.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fromUtf8 } from "../src/crypto/bytes.ts";
import { COSIGNATURE, parseVerifierKey } from "../src/crypto/note.ts";
import type { Brought } from "../src/audit/audit.ts";
import { resultStatement } from "../src/audit/count.ts";
import { runAudit } from "../src/audit/run.ts";
import { say } from "../src/audit/sentences.ts";
import { type Fetch, NotThere, OutOfReach } from "../src/audit/source.ts";
import { parseManifest } from "../src/protocol/manifest.ts";
import { parseReceipt } from "../src/protocol/receipt.ts";
import { parseTrust } from "../src/protocol/trust.ts";

const read = (path: string) => new Uint8Array(readFileSync(path));
const all = (folder: string) => readdirSync(folder).sort().map((name) => read(join(folder, name)));

/** A folder that mirrors the services' URL paths (docs/protocol.md 9.1). */
function fromFolder(folder: string): Fetch {
  return async (url, limit) => {
    const { host, pathname } = new URL(url);
    const path = join(folder, host.replace(":", "_"), pathname);
    if (!existsSync(path)) throw new NotThere(url);
    if (statSync(path).size > limit) throw new OutOfReach(url);
    return read(path);
  };
}

interface Expected {
  readonly poll_url: string;
  readonly quorum: number;
  readonly time: string;
  readonly witnesses: readonly string[];
}

async function broughtFrom(folder: string, expected: Expected): Promise<Brought> {
  const trust = join(folder, "trust.json");
  return {
    trust: existsSync(trust) ? await parseTrust(read(trust)) : null,
    checkpoints: all(join(folder, "checkpoints")),
    receipts: all(join(folder, "receipts")).map(parseReceipt),
    manifests: all(join(folder, "others")),
    witnesses: await Promise.all(expected.witnesses.map((key) => parseVerifierKey(key, COSIGNATURE))),
    quorum: expected.quorum,
  };
}

for (const folder of process.argv.slice(2)) {
  const expected: Expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
  const fetch = fromFolder(join(folder, "record"));
  const { findings, verdict, recount } = await runAudit(fetch, expected.poll_url, await broughtFrom(folder, expected), new Date(expected.time), () => undefined);
  const poll = recount === null ? null : await parseManifest(await fetch(`${expected.poll_url}/manifest.json`, 60_001));
  console.log(
    JSON.stringify({
      failed: findings.filter((finding) => finding.status === "FAIL").map((finding) => finding.id),
      lines: findings.map((finding) => `${finding.number} ${finding.status} ${finding.id} ${say(finding.detail, "en")}`),
      recount: poll === null ? null : JSON.parse(fromUtf8(resultStatement(poll, recount!))),
      statuses: findings.map((finding) => finding.status),
      verdict,
    }),
  );
}
