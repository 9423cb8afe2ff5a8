import { DESKTOP, openPage, serve, startBrowser, startChain, who, DEPLOYER } from "./harness.mjs";
const [chain, site, browser] = [await startChain(), await serve(), await startBrowser()];
const wallets = [{ name: "Test Fox", account: who.alice }, { name: "Test Rabbit", account: DEPLOYER }];
try {
  const p = await openPage(browser, site, chain, { wallets });
  await p.shot("look-0");
  await p.choose("alice.json");
  await p.card("receipt").waitFor();
  await p.page.waitForTimeout(1500);
  await p.shot("look-1");
  await p.page.getByRole("button", { name: "Connect Test Fox" }).click();
  await p.page.waitForTimeout(4000);
  await p.shot("look-2");
  console.log(await p.page.locator("main").innerText());
  console.log(p.faults, await p.accessible());
  await p.page.locator("#claim-button").click();
  await p.page.waitForTimeout(5000);
  await p.shot("look-3");
  console.log(await p.page.locator("#claim").innerText());
} finally { await browser.close(); site.stop(); chain.stop(); }
