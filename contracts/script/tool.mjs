#!/usr/bin/env node
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// node script/tool.mjs forge|anvil|cast [arguments]: runs the native binary that npm installed for this platform and exits
// as it exits. The packages' own launchers exit with 0 whatever happened, which would turn every failing test green.

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const [tool, ...rest] = process.argv.slice(2);
if (!["forge", "anvil", "cast"].includes(tool)) {
  console.error("usage: node script/tool.mjs forge|anvil|cast [arguments]");
  process.exit(2);
}
const architecture = { x64: "amd64", arm64: "arm64" }[process.arch];
const suffix = process.platform === "win32" ? ".exe" : "";
const binary = createRequire(import.meta.url).resolve(
  `@foundry-rs/${tool}-${process.platform}-${architecture}/bin/${tool}${suffix}`,
);
const { status, error } = spawnSync(binary, rest, { stdio: "inherit" });
if (error) throw error;
process.exit(status ?? 1);
