/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compressed } from "./compressed.ts";

/** Whom `npm run dev` asks for everything that is not part of the app. */
const STUDIO = process.env.ATELIER_URL ?? "http://127.0.0.1:8000";
const OURS = "^/(?!(?:$|\\?|app(?:/|\\?|$)|device(?:\\?|$)|src/|@|node_modules/|mark\\.svg))";

/** Screens that have a module in common, from which on it is loaded with whichever comes first. */
const SHARED_BY = 10;

/** A link that a browser opens is a page of the app; the same address tells programs what it shows. */
const page = (request: { url?: string; headers: { accept?: string } }) =>
  request.url?.startsWith("/shared/") && request.headers.accept?.includes("text/html") ? "/index.html" : undefined;

export default defineConfig({
  // Relative to <base href>, so that the studio may lie below any path.
  base: "./",
  plugins: [react(), tailwind(), compressed()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    assetsDir: "static",
    target: "es2023",
    // The browsers of today know modulepreload; the polyfill would be an inline script.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // The first screen and what all share; `tests/browser` holds it to 190 kB compressed, in at most 15 files.
    chunkSizeWarningLimit: 700,
    manifest: "manifest.json",
    // What many screens share is one file, loaded with the first of them: a file each would be forty.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "shared", minShareCount: SHARED_BY }] } } },
  },
  server: { host: "127.0.0.1", proxy: { [OURS]: { target: STUDIO, bypass: page } } },
  test: { environment: "jsdom", setupFiles: "src/test/setup.ts", include: ["src/**/*.test.{ts,tsx}"] },
});
