#!/usr/bin/env node
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// node script/tool.mjs forge|anvil|cast [arguments]: runs the native binary that npm installed for this platform (an optional
// dependency of package.json) and exits as it exits. `which` before the name prints where the binary is instead. npm's own launchers, @foundry-rs/forge and so on, are not used: they
// exit with 0 whatever happened, which would turn every failing test green.

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const which = process.argv[2] === "which";
const [tool, ...rest] = process.argv.slice(which ? 3 : 2);
if (!["forge", "anvil", "cast"].includes(tool)) {
  console.error("usage: node script/tool.mjs [which] forge|anvil|cast [arguments]");
  process.exit(2);
}
const architecture = { x64: "amd64", arm64: "arm64" }[process.arch];
const suffix = process.platform === "win32" ? ".exe" : "";
const name = `@foundry-rs/${tool}-${process.platform}-${architecture}`;
let binary;
try {
  binary = createRequire(import.meta.url).resolve(`${name}/bin/${tool}${suffix}`);
} catch {
  console.error(`${name} is not installed: run npm ci --ignore-scripts, or add it to package.json if it is not listed there`);
  process.exit(2);
}
if (which) {
  console.log(binary);
  process.exit(0);
}
const { status, error } = spawnSync(binary, rest, { stdio: "inherit" });
if (error) throw error;
process.exit(status ?? 1);
