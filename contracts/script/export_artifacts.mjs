#!/usr/bin/env node
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Writes artifacts/*.json: what a program needs to deploy and call the contracts without a Solidity compiler, and
// artifacts/SHA256SUMS over them. With --check, builds again and compares instead; exits with 1 at the first difference.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const TARGET = join(ROOT, "artifacts");
const CONTRACTS = [
  ["src/RecordTree.sol", "RecordTree"],
  ["src/DatasetRegistry.sol", "DatasetRegistry"],
  ["src/RevenueLedger.sol", "RevenueLedger"],
  // What a ledger is linked with: these are deployed before it.
  ["src/libraries/Models.sol", "Models"],
  ["src/libraries/Epochs.sol", "Epochs"],
  ["src/libraries/Claims.sol", "Claims"],
  ["src/libraries/Demands.sol", "Demands"],
  ["src/libraries/Exits.sol", "Exits"],
  ["src/interfaces/IRelationVerifier.sol", "IRelationVerifier"],
  ["src/interfaces/IOpeningVerifier.sol", "IOpeningVerifier"],
  // For tests and demonstrations of other programs.
  ["test/mocks/MockVerifiers.sol", "MockVerifier"],
  ["test/mocks/MockVerifiers.sol", "MockOpeningVerifier"],
  ["test/mocks/Tokens.sol", "TestToken"],
  ["test/mocks/Tokens.sol", "BlocklistToken"],
  ["test/utils/PoseidonHarness.sol", "PoseidonHarness"],
];

const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/// Code with zeros where libraries' addresses go: the compiler's placeholders are no hexadecimal numbers.
function linkable({ object, linkReferences }) {
  let code = object.slice(2);
  for (const { start, length } of Object.values(linkReferences).flatMap((file) => Object.values(file).flat())) {
    code = code.slice(0, 2 * start) + "0".repeat(2 * length) + code.slice(2 * (start + length));
  }
  return code;
}

function artifact(source, name) {
  const built = JSON.parse(readFileSync(join(ROOT, "out", source.split("/").pop(), `${name}.json`), "utf8"));
  const deployed = Buffer.from(linkable(built.deployedBytecode), "hex");
  const { compiler, settings } = built.metadata;
  return {
    contract: name,
    source,
    compiler: {
      version: compiler.version,
      evmVersion: settings.evmVersion,
      optimizer: settings.optimizer,
      viaIR: settings.viaIR ?? false,
      metadata: settings.metadata,
    },
    abi: built.abi,
    bytecode: `0x${linkable(built.bytecode)}`,
    // Where in the bytecode the addresses of libraries go, by source file and library.
    linkReferences: built.bytecode.linkReferences,
    // The same in the code that is created, and where its immutable values stand: what an auditor leaves out.
    deployedLinkReferences: built.deployedBytecode.linkReferences,
    // By the order of their declarations: the compiler's numbers of them change with any other source.
    immutableReferences: { ...Object.values(built.deployedBytecode.immutableReferences ?? {}) },
    // Of the code as compiled: immutable values and libraries' addresses are zero in it.
    deployedBytecodeSha256: sha256(deployed),
    deployedBytecodeSize: deployed.length,
  };
}

const check = process.argv.slice(2).includes("--check");
const build = [join(ROOT, "script", "tool.mjs"), "forge", "build", ...(check ? ["--force"] : [])];
execFileSync(process.execPath, build, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });

const files = new Map(
  CONTRACTS.map(([source, name]) => [`${name}.json`, `${JSON.stringify(artifact(source, name), null, 1)}\n`]),
);
files.set("SHA256SUMS", [...files].map(([file, text]) => `${sha256(text)}  ${file}\n`).join(""));

if (!check) {
  mkdirSync(TARGET, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(TARGET, file), text);
} else {
  const present = existsSync(TARGET) ? readdirSync(TARGET) : [];
  const stale = [...files].filter(([file, text]) => !present.includes(file) || readFileSync(join(TARGET, file), "utf8") !== text);
  const names = [...stale.map(([file]) => file), ...present.filter((file) => !files.has(file))];
  if (names.length) {
    console.error(`artifacts/ is not what the sources compile to (npm run artifacts): ${names.join(", ")}`);
    process.exit(1);
  }
}
