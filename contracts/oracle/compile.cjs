#!/usr/bin/env node
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Compiles every contract of a directory with the compiler that snark-verifier's contracts ask for, and writes
// NAME.json beside it and SHA256SUMS over them.
"use strict";

const { createHash } = require("node:crypto");
const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const solc = require("solc-0.8.19");

const directory = process.argv[2];
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const lock = readFileSync(join(__dirname, "Cargo.lock"), "utf8");
const version = (crate) => lock.match(new RegExp(`name = "${crate}"\nversion = "(.*)"`))[1];

// As for ours, but without the Yul optimiser: it runs out of stack.
const settings = {
  evmVersion: "paris",
  viaIR: false,
  optimizer: { enabled: true, runs: 1000, details: { yul: false } },
  metadata: { bytecodeHash: "none", appendCBOR: false },
};

const sums = [];
for (const file of readdirSync(directory).filter((file) => file.endsWith(".sol")).sort()) {
  const name = file.slice(0, -4);
  const source = readFileSync(join(directory, file), "utf8");
  const input = {
    language: "Solidity",
    sources: { [file]: { content: source } },
    settings: { ...settings, outputSelection: { "*": { "*": ["evm.bytecode.object", "evm.deployedBytecode.object"] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  // 5574: more code than a chain takes. The tests run it all the same.
  const errors = (output.errors ?? []).filter(({ errorCode }) => errorCode !== "5574");
  for (const error of errors) console.error(error.formattedMessage);
  if (errors.length) process.exit(1);
  const { bytecode, deployedBytecode } = output.contracts[file].Halo2Verifier.evm;
  if (!bytecode.object.endsWith(deployedBytecode.object)) throw new Error(`${name}: the constructor is not a prefix`);
  const artifact = {
    contract: name,
    command: "contracts/oracle/build.sh",
    generator: { "snark-verifier": version("snark-verifier"), "halo2-axiom": version("halo2-axiom") },
    sourceSha256: sha256(source),
    compiler: { version: solc.version(), ...settings },
    bytecode: `0x${bytecode.object}`,
    deployedSize: deployedBytecode.object.length / 2,
  };
  const text = `${JSON.stringify(artifact, null, 1)}\n`;
  writeFileSync(join(directory, `${name}.json`), text);
  sums.push(`${sha256(text)}  ${name}.json\n`);
  console.log(`${name}: ${artifact.deployedSize} bytes`);
}
writeFileSync(join(directory, "SHA256SUMS"), sums.join(""));
