// SPDX-License-Identifier: MIT OR Apache-2.0

import type { Token } from "../chain/read.ts";
import type { Trouble } from "../chain/rpc.ts";
import type { Outcome } from "../core/check.ts";
import type { Why } from "../core/refusal.ts";
import type { Hex } from "../core/values.ts";
import type { App } from "./app.ts";
import { type Child, ICONS, h, icon } from "./dom.ts";
import { COIN, coin, decimal, money, short } from "./format.ts";
import { isKey, t } from "./i18n.ts";
import type { JobName } from "./state.ts";

// What cards are made of.

export function card(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  return h("section", { class: "card", attrs: { id, "aria-labelledby": `${id}-title` } }, h("h2", { attrs: { id: `${id}-title`, tabindex: "-1" } }, title), ...children);
}

export type Tone = "good" | "bad" | "warn" | "plain";

export function message(tone: Tone, text: string, ...children: readonly Child[]): HTMLElement {
  const sign = tone === "plain" ? undefined : icon(...ICONS[tone]);
  return h("div", `message ${tone}`, sign, h("div", "message-text", h("p", {}, text), ...children));
}

export function button(id: string, text: string, press: () => void, kind: "primary" | "quiet" = "primary", disabled = false): HTMLButtonElement {
  return h("button", { class: `button ${kind}`, attrs: { id, type: "button", disabled }, on: { click: press } }, text);
}

/** Longer texts than this are squeezed in half of a phone. */
const LONG = 24;

export function facts(...rows: readonly (readonly [label: string, ...value: Child[]] | undefined)[]): HTMLElement {
  return h("dl", "facts", ...rows.flatMap((row) => {
    if (row === undefined) return [];
    const [label, ...value] = row;
    // What is long has a line of its own.
    const wide = value.some((part) => (part instanceof Element ? part.classList.contains("hex") : typeof part === "string" && part.length > LONG));
    return [h("div", wide ? "wide" : "", h("dt", {}, label), h("dd", {}, ...value))];
  }));
}

/** The whole of it, since a part can be imitated; it may break anywhere. */
export const hex = (value: Hex): HTMLElement => h("code", { class: "hex", attrs: { translate: "no" } }, value);

export const shortHex = (value: Hex): HTMLElement => h("code", { class: "hex", attrs: { title: value, translate: "no" } }, short(value));

export function bigAmount(label: string, amount: bigint, token: Token | undefined): HTMLElement {
  const [number, unit] = token === undefined ? [decimal(amount, 0), t("units", { amount: "" }).trim()] : [decimal(amount, token.decimals), token.symbol || t("tokens")];
  const point = number.indexOf(".");
  const [whole, part] = point < 0 ? [number, ""] : [number.slice(0, point), number.slice(point)];
  return h("p", "amount", h("span", "amount-label", label), " ",
    h("span", token === undefined ? "amount-number base-units" : "amount-number", whole, h("span", "amount-part", part)), " ", h("span", "amount-unit", unit));
}

export const whyText = ({ code, args }: Why): string => t(`why.${code}`, args);

export function troubleText({ code, refusal, message: detail, args }: Trouble): string {
  const key = `refusal.${refusal ?? ""}`;
  if (isKey(key)) return t(key);
  return t(`trouble.${code}`, { detail: [refusal, ...args, detail].filter((part) => part !== undefined && part !== "").join(" ") });
}

export function trouble(found: Trouble, retry?: { readonly id: string; readonly press: () => void }): HTMLElement {
  return message("bad", troubleText(found), retry && button(retry.id, t("retry"), retry.press, "quiet"));
}

/** What was checked and what was not: every verdict says both. */
export function checkedList(id: string, checked: readonly string[], unchecked: readonly string[]): HTMLElement {
  const list = (texts: readonly string[], tone: "good" | "warn"): HTMLElement =>
    h("ul", `checks ${tone}`, ...texts.map((text) => h("li", {}, icon(...ICONS[tone]), h("span", {}, text))));
  return h("details", { class: "more", attrs: { id } }, h("summary", {}, t("details.checked")),
    h("h3", {}, t("checked")), list(checked, "good"), h("h3", {}, t("unchecked")), list(unchecked, "warn"));
}

export const heldCount = ({ held }: Outcome, id: Parameters<Outcome["held"]["get"]>[0]): string => String(held.get(id) ?? 0);

export function insecure(outcome: Outcome | undefined): HTMLElement | undefined {
  return outcome?.setup?.insecure === true ? message("warn", t("insecure")) : undefined;
}

/** A transaction: what it costs, what the wallet will show, and how it went. */
export function transaction(app: App, name: JobName, text: { readonly button: string; readonly sign: string; readonly done: string }, token: Token | undefined, blocked = false): Child[] {
  const job = app.state.jobs[name];
  if (job === undefined) return [];
  const { state, estimate, hash, mined } = job;
  if (state === "done" || state === "slow") {
    const credited = mined !== undefined && mined.credited > 0n ? message("warn", t("done.credited", { amount: money(mined.credited, token) })) : undefined;
    return [
      message(state === "done" ? "good" : "warn", state === "done" ? text.done : t("mine.slow"),
        ...(mined?.paid ?? []).map(({ to }) => h("p", {}, t("done.to", { to }))),
        hash && h("p", {}, `${t("hash")} `, hex(hash), mined === undefined ? "" : ` ${t("block", { block: String(mined.block) })} `,
          button(`${name}-copy`, t("copy"), () => void navigator.clipboard.writeText(hash), "quiet"))),
      credited,
    ];
  }
  const waiting = state === "signing" ? t("sign.waiting") : state === "mining" ? t("mine.waiting") : undefined;
  const fee = estimate === undefined ? t("fee.reading") : t("fee.value", { gas: decimal(estimate.gas, 0), fee: coin(estimate.fee), coin: COIN });
  const failed = job.trouble && trouble(job.trouble, estimate === undefined ? { id: `${name}-retry`, press: () => void app.refresh() } : undefined);
  if (estimate === undefined && failed) return [failed];
  return [
    facts([t("fee"), fee]),
    h("p", { class: "sign", attrs: { id: `${name}-sign` } }, icon(...ICONS.lock), h("span", {}, text.sign)),
    failed,
    waiting === undefined ? undefined : h("p", "waiting", h("span", { class: "spinner", attrs: { "aria-hidden": "true" } }), waiting),
    describe(button(`${name}-button`, text.button, () => void app.run(name), "primary", blocked || waiting !== undefined || state === "trying"), `${name}-sign`),
    hash && h("p", "hint", `${t("hash")} `, hex(hash)),
  ];
}

function describe(element: HTMLElement, by: string): HTMLElement {
  element.setAttribute("aria-describedby", by);
  return element;
}
