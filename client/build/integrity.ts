import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin, Rolldown } from "vite";

/**
 * Subresource Integrity (W3C SRI): every script, preload and style sheet of index.html carries the hash of its file as it
 * was written. The build fails where a tag names a file that is not in it: nothing may come from elsewhere. Scripts that are
 * loaded later stand there with their hashes too, without a `rel`: src/ui/later.tsx gives them one when their time comes. Browsers
 * hold no worker to a hash: src/audit/start.ts fetches it with its own before it is started.
 */
export function integrity(): Plugin {
  return {
    name: "veche-integrity",
    apply: "build",
    writeBundle({ dir = "dist" }, bundle) {
      const page = join(dir, "index.html");
      const links = scripts(bundle).map(([name, how]) => `  <link ${how} crossorigin href="./${name}">\n  `).join("");
      const hashed = readFileSync(page, "utf8").replace("</head>", `${links}</head>`).replace(LOADING, (tag, name: string) => {
        const hash = createHash("sha384").update(readFileSync(join(dir, name))).digest("base64");
        return tag.replace(/>$/, ` integrity="sha384-${hash}">`);
      });
      writeFileSync(page, hashed);
    },
  };
}

const LOADING = /<(?:script[^>]*\ssrc|link(?=[^>]*\s(?:rel="(?:stylesheet|modulepreload)"|data-later|data-worker))[^>]*\shref)="([^"]*)"[^>]*>/g;

/** Every script but the entry: with the first page what the entry imports, later the rest, and the workers'. */
function scripts(bundle: Rolldown.OutputBundle): readonly (readonly [string, "rel=\"modulepreload\"" | "data-later" | "data-worker"])[] {
  const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
  const first = new Set(chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName));
  for (const name of first) for (const imported of chunks.find((chunk) => chunk.fileName === name)?.imports ?? []) first.add(imported);
  const rest = chunks.filter((chunk) => !chunk.isEntry).map((chunk) => chunk.fileName);
  const workers = Object.keys(bundle).filter((name) => name.endsWith(".js") && bundle[name]!.type === "asset");
  return [
    ...rest.sort().map((name) => [name, first.has(name) ? 'rel="modulepreload"' : "data-later"] as const),
    ...workers.sort().map((name) => [name, "data-worker"] as const),
  ];
}
