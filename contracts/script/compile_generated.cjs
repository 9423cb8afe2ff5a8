#!/usr/bin/env node
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Compiles every generated contract of a directory with the pinned compiler (the one in package.json) and the
// settings of foundry.toml, and writes what a program needs to deploy it beside it: NAME.json and SHA256SUMS.
"use strict";

const { createHash } = require("node:crypto");
const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const solc = require("solc");

const directory = process.argv[2];
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const names = readdirSync(directory)
  .filter((file) => file.endsWith(".sol"))
  .map((file) => file.slice(0, -4))
  .sort();

const settings = {
  evmVersion: "cancun",
  viaIR: false,
  optimizer: { enabled: true, runs: 1000 },
  metadata: { bytecodeHash: "none", appendCBOR: false },
};

const sums = [];
for (const name of names) {
  const source = readFileSync(join(directory, `${name}.sol`), "utf8");
  const input = {
    language: "Solidity",
    sources: { [`${name}.sol`]: { content: source } },
    settings: {
      ...settings,
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode"] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  for (const error of output.errors ?? []) console.error(error.formattedMessage);
  if (output.errors?.length) process.exit(1);
  const { abi, evm } = output.contracts[`${name}.sol`][name];
  const steps = Object.entries(evm.deployedBytecode.functionDebugData ?? {})
    .map(([key, { entryPoint }]) => [key.replace(/^@(.*)_\d+$/, "$1"), entryPoint])
    .filter(([key, entryPoint]) => key.startsWith("_") && typeof entryPoint === "number")
    .sort((a, b) => a[1] - b[1]);
  const artifact = {
    contract: name,
    sourceSha256: sha256(source),
    compiler: { version: solc.version(), ...settings },
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    deployedSize: evm.deployedBytecode.object.length / 2,
    steps,
  };
  const text = `${JSON.stringify(artifact, null, 1)}\n`;
  writeFileSync(join(directory, `${name}.json`), text);
  sums.push(`${sha256(source)}  ${name}.sol\n${sha256(text)}  ${name}.json\n`);
  console.log(`${name}: ${artifact.deployedSize} bytes`);
}
writeFileSync(join(directory, "SHA256SUMS"), sums.join(""));
