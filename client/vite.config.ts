import { defineConfig } from "vite";
import { fileURLToPath } from "node:url";
import { chunks, plainImports } from "./build/imports.ts";
import { integrity } from "./build/integrity.ts";

export default defineConfig({
  base: "./",
  plugins: [plainImports(), integrity()],
  // sjcl, below blindrsa-ts, asks for node's crypto when there is a `require`; a browser has WebCrypto.
  resolve: { alias: { crypto: fileURLToPath(new URL("src/crypto/noNodeCrypto.ts", import.meta.url)) } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: { target: "es2022", modulePreload: false, assetsInlineLimit: 0, rolldownOptions: { output: chunks } },
});
