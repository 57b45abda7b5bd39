import { basename } from "node:path";
import type { Plugin, Rolldown } from "vite";

/**
 * What is one file: `index`, which asks for data and for the rest; `text`, what checks and shows the text of a poll and no more, so that it stands on
 * the screen in a second at 400 kbit/s; `start`, the page around it; `now`, what this device knows. The rest is cut as it is used.
 */
export const chunks: Rolldown.OutputOptions = {
  codeSplitting: {
    groups: [
      { name: "index", test: /src[\\/]main\.ts$/, priority: 3 },
      { name: "text", test: /src[\\/]text\.ts$/, priority: 2 },
      { name: "start", test: /src[\\/]ui[\\/]start\.tsx$/, priority: 1 },
      { name: "now", test: /src[\\/]ui[\\/]now\.tsx$/ },
    ],
  },
};

/**
 * `import()` as it is. Vite's own helper would load style sheets of a chunk first; there are none, and it weighs 3 kB. And a chunk that
 * only imports another is one answer more to wait for: what asks for it asks for the other.
 */
export function plainImports(): Plugin {
  return {
    name: "veche-plain-imports",
    apply: "build",
    enforce: "pre",
    load: (id) => (id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : null),
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      for (const { code, fileName } of chunks.filter((chunk) => chunk.isDynamicEntry)) {
        const other = /^import"\.\/([^"]+)";\s*$/.exec(code)?.[1];
        if (other === undefined) continue;
        for (const chunk of chunks) chunk.code = chunk.code.replace(basename(fileName), other);
        delete bundle[fileName];
      }
    },
  };
}
