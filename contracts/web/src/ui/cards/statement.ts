// SPDX-License-Identifier: MIT OR Apache-2.0

import type { StatementView } from "../../chain/read.ts";
import type { Statement, StatementAccount } from "../../core/documents.ts";
import type { App } from "../app.ts";
import { type Child, h, svg } from "../dom.ts";
import { cell, decimal, money } from "../format.ts";
import { t } from "../i18n.ts";
import { bigAmount, card, checkedList, facts, heldCount, hex, insecure, message, trouble, whyText } from "../parts.ts";
import { agrees, setupName, sourceName, strange } from "./receipt.ts";

const MOST_ACCOUNTS = 30;
/** Bars that can be told apart on a phone: the newest. */
const MOST_BARS = 24;

export function statementCard(app: App): Child {
  const held = app.state.statement;
  if (held === undefined) return undefined;
  const { document: statement, outcome } = held;
  if (outcome.failed !== undefined) {
    return card("statement", t("statement"), message("bad", t("bad", { why: whyText(outcome.failed.why) })), h("p", "hint", `${held.name} · ${outcome.failed.id}`));
  }
  const loaded = app.state.statementView;
  const view = loaded?.state === "ready" ? loaded.value : undefined;
  const earned = statement.accounts.reduce((sum, { epochs }) => sum + (epochs.at(-1)?.cumulative ?? 0n), 0n);
  const wrong = view?.lines.flat().find((state) => state !== "good");
  const more = statement.accounts.length - MOST_ACCOUNTS;
  return card("statement", t("statement"),
    view === undefined
      ? message(outcome.openingsSkipped ? "warn" : "good", t("statement.good"), h("p", "hint", t("unchecked.pool")))
      : wrong === undefined ? agrees(view) : message("bad", t("chain.bad"), h("p", {}, t(`line.${wrong}`))),
    bigAmount(t("earned"), earned, view?.model.token),
    facts([t("payee"), hex(statement.payee)], view && [t("model"), view.model.name],
      [t("records"), t("records.upto", { n: String(statement.accounts.length), epoch: String(statement.lastEpoch) })]),
    insecure(outcome),
    outcome.openingsSkipped ? message("warn", t("skipped")) : undefined,
    loaded?.state === "reading" ? h("p", "waiting", h("span", { class: "spinner", attrs: { "aria-hidden": "true" } }), t("chain.reading")) : undefined,
    loaded?.state === "failed" ? trouble(loaded.trouble, { id: "statement-retry", press: () => void app.refresh() }) : undefined,
    chart(statement, view),
    ...statement.accounts.slice(0, MOST_ACCOUNTS).map((account, i) => table(account, i, view)),
    more > 0 ? h("p", "hint", t("more.accounts", { n: String(more) })) : undefined,
    checkedList("statement-checks", [
      t("checked.format"), t("checked.payouts", { n: String(statement.accounts.reduce((sum, { epochs }) => sum + epochs.length, 0)) }),
      ...(outcome.openingsSkipped ? [] : [`${t("checked.openings", { n: heldCount(outcome, "receipt.opening") })} (${t("setup")}: ${setupName(outcome.setup?.label)})`]),
      ...(view === undefined ? [] : [t("checked.money")]), ...(view?.known === true ? [t("checked.code", { n: String(view.deployment.codes.length) })] : []),
    ], [
      ...(view === undefined ? [t("unchecked.pool"), t("unchecked.chain")] : [t("unchecked.node", { source: sourceName(app) })]),
      ...(view?.known === false ? [strange(view)] : []),
      t("unchecked.scorecolumn"), t("unchecked.other"), t("unchecked.scores"),
    ]),
  );
}

/** What all of the payee's records were paid, epoch by epoch. */
function chart(statement: Statement, view: StatementView | undefined): Child {
  const sums = new Map<number, bigint>();
  for (const { epoch, payout } of statement.accounts.flatMap(({ epochs }) => epochs)) sums.set(epoch, (sums.get(epoch) ?? 0n) + payout);
  const bars = [...sums.entries()].sort(([a], [b]) => a - b).slice(-MOST_BARS);
  const most = bars.reduce((max, [, sum]) => (sum > max ? sum : max), 1n);
  const [width, height, step] = [Math.max(320, bars.length * 40), 180, Math.max(320, bars.length * 40) / bars.length];
  const top = 28;
  const marks = bars.flatMap(([epoch, sum], i) => {
    // Parts of a thousand: a bar's height is a number of pixels, and never a sum of money.
    const tall = (Number((sum * 1000n) / most) / 1000) * (height - top - 28);
    const bar = Math.min(56, step * 0.6);
    const x = i * step + step / 2;
    return [
      svg("rect", { class: "bar", x: String(x - bar / 2), y: String(height - 28 - tall), width: String(bar), height: String(Math.max(tall, 1)), rx: "3" }),
      svg("text", { class: "axis", x: String(x), y: String(height - 8), "text-anchor": "middle" }, String(epoch)),
      bars.length <= 6 ? svg("text", { class: "value", x: String(x), y: String(height - 34 - tall), "text-anchor": "middle" }, compact(sum, view?.model.token.decimals ?? 0)) : undefined,
    ];
  });
  const list = bars.map(([epoch, sum]) => `${String(epoch)}: ${money(sum, view?.model.token)}`).join("; ");
  return h("figure", "chart",
    h("figcaption", {}, t("statement.chart")),
    svg("svg", { viewBox: `0 0 ${String(width)} ${String(height)}`, role: "img", "aria-label": t("statement.chart.text", { list }) },
      svg("line", { class: "base", x1: "0", x2: String(width), y1: String(height - 28), y2: String(height - 28) }), ...marks));
}

/** A few digits, cut: the table has all of them. */
function compact(amount: bigint, decimals: number): string {
  const [whole = "0", part = ""] = decimal(amount, decimals).split(".");
  return part === "" || whole.length > 3 ? whole : `${whole}.${part.slice(0, 2)}`;
}

function table(account: StatementAccount, number: number, view: StatementView | undefined): Child {
  const token = view?.model.token;
  const caption = t("statement.table", { slot: t("slot", { segment: String(account.segment), slot: String(account.index) }) });
  const rows = account.epochs.map((line, i) => {
    const state = view?.lines[number]?.[i];
    return h("tr", {},
      h("th", { attrs: { scope: "row" } }, String(line.epoch)),
      h("td", "number", decimal(line.score, 0)), h("td", "number", decimal(line.totalScore, 0)), h("td", "number", cell(line.pool, token)),
      h("td", "number", cell(line.payout, token)), h("td", "number", cell(line.cumulative, token)),
      h("td", state === undefined || state === "good" ? "ok" : "wrong", `${state === undefined || state === "good" ? "✓" : "✗"} ${t(`line.${state ?? "alone"}`)}`));
  });
  const heads = (["epoch", "score", "total", "pool", "payout", "balance", "verified"] as const).map((name) => {
    const unit = token !== undefined && ["pool", "payout", "balance"].includes(name) ? ` (${token.symbol})` : "";
    return h("th", { attrs: { scope: "col" } }, t(`col.${name}`) + unit);
  });
  return h("details", { class: "more", attrs: { id: `lines-${String(number)}` } }, h("summary", {}, caption),
    h("div", { class: "scroll", attrs: { tabindex: "0", role: "region", "aria-label": caption } },
      h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows))));
}
