// The client's audit over record folders, as tests/frauds/catalogue.py writes them: a folder per argument, a JSON line for each.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Fetch, NotThere, OutOfReach } from "../src/audit/source.ts";
import { auditCase } from "./case.ts";

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

for (const folder of process.argv.slice(2)) {
  const trust = join(folder, "trust.json");
  const found = await auditCase(fromFolder(join(folder, "record")), {
    expected: JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")),
    trust: existsSync(trust) ? read(trust) : null,
    checkpoints: all(join(folder, "checkpoints")),
    receipts: all(join(folder, "receipts")),
    others: all(join(folder, "others")),
  });
  console.log(JSON.stringify(found));
}
