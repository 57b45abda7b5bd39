import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin, Rolldown } from "vite";

/**
 * Subresource Integrity (W3C SRI): every script, preload and style sheet of index.html carries the hash of its file as it
 * was written. The build fails where a tag names a file that is not in it: nothing may come from elsewhere. Scripts that are
 * loaded later stand there with their hashes too, without a `rel`: src/held.ts gives them one when their time comes. Browsers
 * hold no worker to a hash: src/audit/start.ts fetches it with its own before it is started.
 */
export function integrity(): Plugin {
  return {
    name: "veche-integrity",
    apply: "build",
    writeBundle({ dir = "dist" }, bundle) {
      const page = join(dir, "index.html");
      const links = scripts(bundle).map(([name, how]) => [how === NOW, `  <link ${how} crossorigin href="./${name}">\n  `] as const);
      const some = (now: boolean): string => links.flatMap(([first, link]) => (first === now ? link : [])).join("");
      const whole = readFileSync(page, "utf8").replace("</head>", `${some(true)}</head>`).replace("</body>", `${some(false)}</body>`);
      const hashed = whole.replace(LOADING, (tag, name: string) => {
        const hash = createHash("sha384").update(readFileSync(join(dir, name))).digest("base64");
        return tag.replace(/>$/, ` integrity="sha384-${hash}">`);
      });
      writeFileSync(page, hashed);
    },
  };
}

const LOADING = /<(?:script[^>]*\ssrc|link(?=[^>]*\s(?:rel="(?:stylesheet|modulepreload)"|data-start|data-next|data-later|data-worker))[^>]*\shref)="([^"]*)"[^>]*>/g;

const NOW = 'rel="modulepreload"';
type How = typeof NOW | "data-start" | "data-next" | "data-later" | "data-worker";

/**
 * Every script but the entry: with the page what the first text needs (`text`); then `start`, then `now`; later the rest, and the workers'. imports.ts says which chunk is which.
 */
function scripts(bundle: Rolldown.OutputBundle): readonly (readonly [string, How])[] {
  const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
  const named = (name: string): readonly string[] => chunks.filter((chunk) => chunk.name === name).map((chunk) => chunk.fileName);
  const text = withImports(chunks, named("text"));
  const start = withImports(chunks, named("start"));
  const next = withImports(chunks, named("now"));
  const rest = chunks.map((chunk) => chunk.fileName).filter((name) => !named("index").includes(name));
  const workers = Object.keys(bundle).filter((name) => name.endsWith(".js") && bundle[name]!.type === "asset");
  return [
    ...rest.sort().map((name) => [name, text.has(name) ? NOW : start.has(name) ? "data-start" : next.has(name) ? "data-next" : "data-later"] as const),
    ...workers.sort().map((name) => [name, "data-worker"] as const),
  ];
}

function withImports(chunks: readonly Rolldown.OutputChunk[], names: readonly string[]): ReadonlySet<string> {
  const found = new Set(names);
  for (const name of found) for (const imported of chunks.find((chunk) => chunk.fileName === name)?.imports ?? []) found.add(imported);
  return found;
}
