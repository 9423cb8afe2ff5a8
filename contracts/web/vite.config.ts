// SPDX-License-Identifier: MIT OR Apache-2.0

import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** One classic script: browsers load no module from a folder that is opened without a server. */
const classic: Plugin = {
  name: "classic-script",
  enforce: "post",
  transformIndexHtml: (html) => html.replace(/ type="module" crossorigin/g, " defer").replace(/ crossorigin/g, ""),
};

export default defineConfig({
  base: "./",
  plugins: [classic],
  build: {
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    // Otherwise the script would put the style into the page, which the policy forbids.
    cssCodeSplit: false,
    reportCompressedSize: false,
    rolldownOptions: {
      output: { format: "iife", entryFileNames: "apportion.js", assetFileNames: "apportion[extname]" },
    },
  },
  test: { include: ["test/*.test.ts"], environment: "node" },
});
