import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** One script for tests/frauds, of the client's own modules: `CASE_DIR` is where it goes. */
export default defineConfig({
  resolve: { alias: { crypto: here("../src/crypto/noNodeCrypto.ts") } },
  build: {
    target: "es2022",
    lib: { entry: here("case.ts"), formats: ["es"], fileName: "case" },
    outDir: process.env["CASE_DIR"]!,
    emptyOutDir: true,
  },
});
