// SPDX-License-Identifier: MIT OR Apache-2.0

import type { AccountView, Place, ReceiptView } from "../../chain/read.ts";
import type { Receipt } from "../../core/documents.ts";
import type { App } from "../app.ts";
import { type Child, h } from "../dom.ts";
import { cell, chainName, date, decimal } from "../format.ts";
import { language, t } from "../i18n.ts";
import { bigAmount, card, checkedList, facts, heldCount, hex, insecure, message, shortHex, trouble, whyText } from "../parts.ts";
import type { Held } from "../state.ts";

/** More rows than this help nobody, and slow a phone down. */
const MOST_ROWS = 100;

export const sourceName = (app: App): string => t(app.state.rpc === undefined ? "source.wallet" : "source.rpc");

export function receiptCard(app: App): Child {
  const held = app.state.receipt;
  if (held === undefined) return undefined;
  const { document: receipt, outcome } = held;
  if (outcome.failed !== undefined) {
    return card("receipt", t("receipt"), message("bad", t("bad", { why: whyText(outcome.failed.why) })), h("p", "hint", `${held.name} · ${outcome.failed.id}`));
  }
  const view = app.state.receiptView;
  const found = view?.state === "ready" ? view.value : undefined;
  const token = found?.model.token;
  const earned = receipt.accounts.reduce((sum, account) => sum + account.cumulative, 0n);
  const epochs = receipt.accounts.map((account) => account.epoch);
  const [first, last] = [Math.min(...epochs), Math.max(...epochs)];
  return card("receipt", t("receipt"),
    verdict(held, found),
    found === undefined
      ? bigAmount(t("earned"), earned, token)
      : h("div", "amounts", bigAmount(t("due"), found.due, token), h("div", "split", bigAmount(t("earned"), earned, token), bigAmount(t("paid"), found.paid, token))),
    insecure(outcome),
    outcome.openingsSkipped ? message("warn", t("skipped")) : undefined,
    found?.stale === true ? message("warn", t("stale")) : undefined,
    found && found.model.dissolvedAt !== 0n ? message("warn", t("dissolved")) : undefined,
    facts(
      [t("payee"), hex(receipt.payee)],
      found && [t("model"), found.model.name],
      found === undefined ? [t("chain"), receipt.chainId === 0n ? "–" : chainName(receipt.chainId)] : undefined,
      [t("records"), t("records.upto", { n: String(receipt.accounts.length), epoch: first === last ? String(last) : `${String(first)}–${String(last)}` })],
    ),
    view?.state === "reading" ? h("p", "waiting", h("span", { class: "spinner", attrs: { "aria-hidden": "true" } }), t("chain.reading")) : undefined,
    view?.state === "failed" ? trouble(view.trouble, { id: "receipt-retry", press: () => void app.refresh() }) : undefined,
    records(receipt, found),
    checkedList("receipt-checks", checked(held, found), unchecked(app, found)),
  );
}

/** The first account of which the chain says something else. */
export function contradiction(receipt: Receipt, view: ReceiptView): { readonly state: AccountView["state"] | "refused"; readonly epoch: number } | undefined {
  for (const [i, account] of view.accounts.entries()) {
    const own = receipt.accounts[i];
    if (own === undefined) continue;
    if (account.state !== "good") return { state: account.state, epoch: own.epoch };
    if (account.due === 0n && account.claimed < own.cumulative) return { state: "refused", epoch: own.epoch };
  }
  return undefined;
}

function verdict({ document, outcome }: Held<Receipt>, view: ReceiptView | undefined): Child {
  if (view === undefined) return message(outcome.openingsSkipped ? "warn" : "good", t("receipt.good"), h("p", "hint", t("unchecked.chain")));
  const against = contradiction(document, view);
  if (against === undefined) return agrees(view);
  const tone = against.state === "not-final" ? "warn" : "bad";
  return message(tone, against.state === "not-final" ? t("receipt.good") : t("chain.bad"), h("p", {}, t(`state.${against.state}`, { epoch: String(against.epoch) })));
}

/** The chain says the same; whether that means anything depends on whose contracts these are. */
export const agrees = (view: Place): HTMLElement => message(view.known ? "good" : "warn", t(view.known ? "chain.good" : "chain.strange"), h("p", "hint", atBlock(view)));

const atBlock = ({ block }: Pick<Place, "block">): string => `${t("block", { block: decimal(block.number, 0) })}, ${date(block.timestamp, language())}`;

function checked({ outcome }: Held<Receipt>, view: ReceiptView | undefined): string[] {
  return [
    t("checked.format"),
    ...(outcome.openingsSkipped ? [] : [`${t("checked.openings", { n: heldCount(outcome, "receipt.opening") })} (${t("setup")}: ${setupName(outcome.setup?.label)})`]),
    ...(view === undefined ? [] : [t("checked.final"), t("checked.claimable")]),
    ...(view?.known === true ? [t("checked.code", { n: String(view.deployment.codes.length) })] : []),
  ];
}

export function setupName(label: string | undefined): string {
  if (label === "challenge_0085" || label === "insecure_dev") return t(`setup.${label}`);
  return t("setup.unknown");
}

function unchecked(app: App, view: ReceiptView | undefined): string[] {
  return [
    ...(view === undefined ? [t("unchecked.chain")] : [t("unchecked.node", { source: sourceName(app) })]),
    ...(view === undefined ? [] : [t("unchecked.model", { token: view.model.token.address, developer: view.model.developer })]),
    ...(view?.known === false ? [strange(view)] : []),
    t("unchecked.other"), t("unchecked.scores"),
  ];
}

export const strange = ({ strange: list }: Pick<Place, "strange">, key: "code.strange" | "code.strange.registry" = "code.strange"): string =>
  t(key, { names: [...new Set(list.map(({ contract }) => contract))].join(", ") });

function records(receipt: Receipt, view: ReceiptView | undefined): Child {
  const rows = receipt.accounts.slice(0, MOST_ROWS).map((account, i) => {
    const name = view?.datasets.get(account.dataset);
    const seen = view?.accounts[i];
    const token = view?.model.token;
    return h("tr", {},
      h("th", { attrs: { scope: "row" } }, name ?? shortHex(account.dataset), h("br"), h("span", "hint", t("slot", { segment: String(account.segment), slot: String(account.index) }))),
      h("td", "number", String(account.epoch)),
      h("td", "number", cell(account.cumulative, token)),
      ...(seen === undefined ? [] : [h("td", "number", cell(seen.claimed, token)), h("td", "number", cell(seen.due, token))]),
    );
  });
  const unit = view === undefined ? "" : ` (${view.model.token.symbol})`;
  const heads = [t("col.record"), t("col.epoch"), t("col.earned") + unit, ...(view === undefined ? [] : [t("col.paid") + unit, t("col.due") + unit])];
  const more = receipt.accounts.length - rows.length;
  return h("details", { class: "more", attrs: { id: "receipt-records" } }, h("summary", {}, t("details.records")),
    h("div", { class: "scroll", attrs: { tabindex: "0", role: "region", "aria-label": t("details.records") } },
      h("table", {}, h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { attrs: { scope: "col" } }, text)))), h("tbody", {}, ...rows))),
    more > 0 ? h("p", "hint", t("more.accounts", { n: String(more) })) : undefined);
}
