import { defineConfig } from "vite";
import { screens, yizhanPages } from "./build/pages";

/* What every screen needs is one file; what some need is a file of its own, by itself. */
const everywhere = /node_modules|src\/(base\/(api|live|menu|session|start|time|words)|parts\/(icons|idle|parts|state)|style)\b/;

/* $WEB_OUT: where the build puts the files (scripts/build-web). */
export default defineConfig({
  root: __dirname,
  base: "/",
  publicDir: false,
  plugins: [yizhanPages()],
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    outDir: process.env.WEB_OUT ?? "dist",
    emptyOutDir: true,
    target: "es2022",
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    assetsInlineLimit: 0,
    rollupOptions: {
      input: Object.fromEntries(screens().map((name) => [name, `src/screens/${name}.tsx`])),
      output: {
        hashCharacters: "hex",
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
        manualChunks: (id) => (everywhere.test(id) ? "common" : undefined),
      },
    },
  },
  test: { include: ["test/*.test.ts"], environment: "node" },
} as Parameters<typeof defineConfig>[0]);
