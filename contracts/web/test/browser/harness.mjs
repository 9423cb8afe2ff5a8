// SPDX-License-Identifier: MIT OR Apache-2.0

// What the browser tests are made of: the built page on a server of nothing but files, Chromium, anvil with the chain that chain.sh made, and
// test wallets that announce themselves by EIP-6963 and sign through anvil's unlocked accounts.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const web = fileURLToPath(new URL("../../", import.meta.url));
export const chainDir = process.env.APPORTION_CHAIN ?? join(web, "test/.chain");
export const file = (name) => join(chainDir, name);
export const who = JSON.parse(readFileSync(file("who.json"), "utf8"));
export const DEPLOYER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const shots = join(web, "screenshots");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 900 };

// ---------------------------------------------------------------- the chain

export async function startChain() {
  const anvil = execFileSync("node", [join(web, "../script/tool.mjs"), "which", "anvil"]).toString().trim();
  const node = spawn(anvil, ["--host", "127.0.0.1", "--port", "0", "--chain-id", "31337", "--hardfork", "osaka", "--load-state", file("state.json")]);
  const port = await new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => reject(new Error(`anvil does not listen: ${said}`)), 60_000);
    node.stdout.on("data", (part) => {
      said += part;
      const found = /Listening on 127\.0\.0\.1:(\d+)/.exec(said);
      if (found) {
        clearTimeout(late);
        resolve(found[1]);
      }
    });
    node.on("exit", () => reject(new Error(`anvil ended: ${said}`)));
  });
  const url = `http://127.0.0.1:${port}`;
  let id = 0;
  const raw = async (method, params = []) => {
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params }) });
    return response.json();
  };
  const rpc = async (method, ...params) => {
    const { result, error } = await raw(method, params);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  const balanceOf = async (account) => BigInt(await rpc("eth_call", { to: who.token, data: `0x70a08231${account.slice(2).toLowerCase().padStart(64, "0")}` }, "latest"));
  return { url, raw, rpc, balanceOf, stop: () => node.kill() };
}

// ---------------------------------------------------------------- the page

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8" };

/** Every request is kept: the page must ask for nothing else. */
export async function serve() {
  const asked = [];
  const server = http.createServer((request, response) => {
    const path = request.url === "/" ? "/index.html" : request.url;
    asked.push(path);
    try {
      const body = readFileSync(path.startsWith("/encrypted/") ? file(path.slice(1)) : join(web, "dist", path));
      response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, asked, stop: () => server.close() };
}

export async function startBrowser() {
  mkdirSync(shots, { recursive: true });
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  // The sandbox needs rights that root in a container has not.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [], env: { ...process.env, HOME: tmpdir() } });
}

/**
 * Runs in the page, before anything else: announces wallets that ask the test for everything.
 * A wallet is { name, account, chainId, reject: [methods] }.
 */
function announceWallets(wallets) {
  const listeners = {};
  const ask = (index, call) => globalThis.askWallet(index, JSON.stringify(call)).then((text) => {
    const answer = JSON.parse(text);
    if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
    return answer.result;
  });
  const details = wallets.map((wallet, index) => ({
    info: { uuid: `00000000-0000-4000-8000-00000000000${index}`, name: wallet.name, icon: wallet.icon ?? "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><circle cx='4' cy='4' r='4' fill='orange'/></svg>", rdns: "test.wallet" },
    provider: {
      request: (call) => ask(index, call).then((result) => {
        if (call.method === "wallet_switchEthereumChain") (listeners[index] ?? []).forEach(([event, listener]) => event === "chainChanged" && listener(call.params[0].chainId));
        return result;
      }),
      on: (event, listener) => (listeners[index] ??= []).push([event, listener]),
    },
  }));
  const announce = () => details.forEach((detail) => globalThis.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze(detail) })));
  globalThis.addEventListener("eip6963:requestProvider", announce);
  announce();
}

/** A page with these wallets. What it logs as errors, or asks of others, fails the test that opened it. */
export async function openPage(browser, site, chain, { wallets = [], viewport = PHONE, language = "en", scheme = "light" } = {}) {
  const context = await browser.newContext({ viewport, locale: "en-GB", colorScheme: scheme, deviceScaleFactor: 2, timezoneId: "UTC", reducedMotion: "reduce" });
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (entry) => entry.type() === "error" && !/Failed to load resource|ERR_/.test(entry.text()) && faults.push(entry.text()));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(site.url) && !url.startsWith(chain.url) && !url.startsWith("data:") && !url.startsWith("http://127.0.0.1:9")) faults.push(`a request to ${url}`);
  });
  const sent = [];
  const state = wallets.map((wallet) => ({ chainId: 31337, reject: [], ...wallet }));
  await page.exposeFunction("askWallet", async (index, text) => {
    const { method, params = [] } = JSON.parse(text);
    const wallet = state[index];
    if (wallet.reject.includes(method)) return JSON.stringify({ error: { code: 4001, message: "User rejected the request." } });
    if (wallet.down?.includes(method)) return JSON.stringify({ error: { code: 4900, message: "The provider is disconnected." } });
    if (method === "eth_requestAccounts" || method === "eth_accounts") return JSON.stringify({ result: [wallet.account] });
    if (method === "eth_chainId") return JSON.stringify({ result: `0x${wallet.chainId.toString(16)}` });
    if (method === "wallet_switchEthereumChain") {
      if (wallet.unknownChain) return JSON.stringify({ error: { code: 4902, message: "Unrecognized chain ID" } });
      wallet.chainId = Number(params[0].chainId);
      return JSON.stringify({ result: null });
    }
    if (method === "eth_sendTransaction") sent.push({ wallet: wallet.name, ...params[0] });
    const { result, error } = await chain.raw(method, params);
    return JSON.stringify(error ? { error } : { result });
  });
  if (wallets.length > 0) await page.addInitScript(announceWallets, wallets.map(({ name, icon }) => ({ name, icon })));
  await page.goto(`${site.url}#${language}`);
  return {
    page, sent, faults, wallets: state,
    choose: (...names) => page.setInputFiles("#files", names.map((name) => (typeof name === "string" ? file(name) : name))),
    card: (id) => page.locator(`#${id}`),
    /** A picture of the whole page, kept as an artefact. */
    shot: async (name) => { await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true }); },
    /** axe-core's rules for WCAG 2.2 A and AA and its best practices. The page's own policy keeps scripts out, so axe enters by the debugger. */
    accessible: async () => {
      const session = await context.newCDPSession(page);
      await session.send("Runtime.evaluate", { expression: axe });
      const { result } = await session.send("Runtime.evaluate", {
        expression: "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => html + ' ' + failureSummary) }))))",
        awaitPromise: true, returnByValue: true,
      });
      return JSON.parse(result.value);
    },
    close: () => context.close(),
  };
}
