// SPDX-License-Identifier: MIT OR Apache-2.0

import type { Wallet } from "../../chain/wallets.ts";
import type { App } from "../app.ts";
import { type Child, ICONS, h, icon } from "../dom.ts";
import { chainName } from "../format.ts";
import { t } from "../i18n.ts";
import { button, card, hex, message, trouble } from "../parts.ts";

export function connectCard(app: App): Child {
  const { state, chainId } = app;
  if (chainId === undefined || state.receipt?.outcome.failed !== undefined) return undefined;
  if (chainId === 0n) return card("connect", t("connect"), message("plain", t("chain.unbound")));
  const failed = state.connecting && trouble(state.connecting);
  if (state.connected !== undefined) return card("connect", t("wallet"), ...connected(app, chainId), failed);
  return card("connect", t("connect"),
    h("p", {}, t("connect.lead")),
    h("div", "wallets", ...state.wallets.map((wallet) => walletButton(app, wallet))),
    state.wallets.length === 0 ? message("plain", t("connect.none")) : undefined,
    failed,
    rpcForm(app),
    h("p", "hint with-icon", icon(...ICONS.lock), h("span", {}, t("connect.keys"))),
  );
}

function walletButton(app: App, wallet: Wallet): Child {
  const picture = wallet.icon === undefined
    ? icon(...ICONS.wallet)
    : h("img", { attrs: { src: wallet.icon, alt: "", width: "24", height: "24" } });
  const name = wallet.name === "" ? t("connect.other") : wallet.name;
  return h("button", { class: "button primary wallet", attrs: { id: `wallet-${wallet.id}`, type: "button" }, on: { click: () => void app.connect(wallet) } },
    picture, t("connect.with", { name }));
}

function connected(app: App, chainId: bigint): Child[] {
  const account = app.state.connected;
  if (account === undefined) return [];
  const wrong = account.chainId !== chainId;
  return [
    h("p", {}, h("strong", {}, account.wallet.name), h("span", "hint", ` · ${chainName(account.chainId)}`), h("br"), hex(account.account)),
    wrong ? message("warn", t("wrongchain", { there: chainName(account.chainId), here: chainName(chainId) })) : undefined,
    h("div", "buttons",
      wrong ? button("switch", t("switch", { chain: chainName(chainId) }), () => void app.switch()) : undefined,
      button("disconnect", t("disconnect"), () => { app.disconnect(); }, "quiet")),
    wrong ? rpcForm(app) : undefined,
  ];
}

function rpcForm(app: App): Child {
  const { state } = app;
  const input = h("input", {
    attrs: {
      id: "rpc", type: "url", inputmode: "url", autocomplete: "off", spellcheck: "false", placeholder: "https://", "aria-describedby": "rpc-hint",
      "aria-invalid": state.rpcBad ? "true" : "false",
    },
    on: { input: (event) => { state.rpcText = (event.target as HTMLInputElement).value; } },
  });
  input.value = state.rpcText;
  return h("form", { class: "field", attrs: { novalidate: true }, on: { submit: (event) => { event.preventDefault(); void app.useRpc(); } } },
    h("label", { attrs: { for: "rpc" } }, t("connect.rpc")),
    h("div", "field-row", input, h("button", { class: "button quiet", attrs: { id: "rpc-use", type: "submit" } }, t("connect.use"))),
    h("p", { class: "hint", attrs: { id: "rpc-hint" } }, t("connect.rpc.hint")),
    state.rpcBad ? message("bad", t("connect.rpc.bad")) : undefined);
}
