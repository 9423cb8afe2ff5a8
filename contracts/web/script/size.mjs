#!/usr/bin/env node
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Compares the built page with size.json: bytes, and bytes after gzip. A page that grew by more than a hundredth is refused until somebody says so
// with `--write`. It also looks at what must not be in it: a file that nobody expects, a reference to another host, or a script within the page.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const pinned = new URL("../size.json", import.meta.url);
const fail = (text) => {
  console.error(`size: ${text}`);
  process.exitCode = 1;
};

const found = Object.fromEntries(readdirSync(dist).sort().map((name) => {
  const bytes = readFileSync(new URL(name, dist));
  return [name, { bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length }];
}));

const page = readFileSync(new URL("index.html", dist), "utf8");
if (/(src|href)="(?!\.\/|data:,")/.test(page)) fail("the page refers to something that is not beside it");
if (/<script(?! defer src="\.\/)/.test(page) || /<style|style="/.test(page)) fail("the page holds a script or a style of its own");
if (!page.includes("default-src 'none'; script-src 'self'; style-src 'self'")) fail("the page has no policy");

if (process.argv.includes("--write")) writeFileSync(pinned, `${JSON.stringify(found, null, 2)}\n`);
const known = JSON.parse(readFileSync(pinned, "utf8"));
if (Object.keys(known).join() !== Object.keys(found).join()) fail(`files are ${Object.keys(found).join(", ")}; size.json has ${Object.keys(known).join(", ")}`);
for (const [name, { bytes, gzip }] of Object.entries(found)) {
  console.log(`size: ${name} ${bytes} bytes, ${gzip} after gzip`);
  const before = known[name]?.bytes ?? 0;
  if (Math.abs(bytes - before) * 100 > before) fail(`${name} had ${before} bytes; if that is meant: ./build.sh --write`);
}
