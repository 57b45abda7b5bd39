import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** One script for `bench.browser`, of the client's own modules. */
export default defineConfig({
  resolve: { alias: { crypto: here("../src/crypto/noNodeCrypto.ts") } },
  build: {
    target: "es2022",
    lib: { entry: here("vote.ts"), formats: ["es"], fileName: "vote" },
    outDir: here("../../var/bench/client"),
    emptyOutDir: true,
  },
});
