// SPDX-License-Identifier: MIT OR Apache-2.0

import { recipientCall, withdrawCall } from "../../chain/calls.ts";
import type { Place, ReceiptView } from "../../chain/read.ts";
import type { Receipt } from "../../core/documents.ts";
import { type Hex, ZERO_ADDRESS, addressIn } from "../../core/values.ts";
import type { App } from "../app.ts";
import { type Child, h } from "../dom.ts";
import { brief, money } from "../format.ts";
import { t } from "../i18n.ts";
import { button, card, facts, hex, message, transaction } from "../parts.ts";
import { contradiction, strange } from "./receipt.ts";

interface Shown {
  readonly receipt: Receipt;
  readonly view: ReceiptView;
}

function shown(app: App): Shown | undefined {
  const { receipt, receiptView } = app.state;
  if (receipt === undefined || receipt.outcome.failed !== undefined || receiptView?.state !== "ready") return undefined;
  return { receipt: receipt.document, view: receiptView.value };
}

export const unaccepted = (app: App, view: Place): boolean => !view.known && !app.state.accepted;

export function claimCard(app: App): Child {
  const found = shown(app);
  if (found === undefined) return undefined;
  const { receipt, view } = found;
  const { token } = view.model;
  const { places, amount, more } = app.claimed;
  const done = app.state.jobs.claim?.state === "done";
  if (places.length === 0 && !done && app.state.jobs.claim?.state !== "slow") return card("claim", t("claim"), nothing(receipt, view));
  const blocked = unaccepted(app, view);
  const text = money(app.state.jobs.claim?.amount ?? amount, token);
  return card("claim", t("claim"),
    app.signer === undefined ? message("plain", t("claim.connect", { amount: money(amount, token) })) : undefined,
    done ? undefined : facts([t("claim.to"), ...payTo(receipt, view)]),
    !done && more ? message("plain", t("claim.part", { n: String(places.length), amount: text })) : undefined,
    !done && app.signer !== undefined && app.signer.account !== receipt.payee ? message("plain", t("claim.other")) : undefined,
    done ? undefined : accept(app, view),
    ...transaction(app, "claim", {
      button: t("claim.button", { amount: brief(app.state.jobs.claim?.amount ?? amount, token) }),
      sign: t("claim.sign", { contract: receipt.contract, n: String(places.length) }),
      done: t("done.claim", { amount: text }),
    }, token, blocked),
  );
}

function payTo(receipt: Receipt, view: ReceiptView): Child[] {
  const self = view.recipient === ZERO_ADDRESS || view.recipient.toLowerCase() === receipt.payee.toLowerCase();
  return self ? [hex(receipt.payee)] : [hex(view.recipient), " ", h("span", "hint", t("claim.recipient"))];
}

function nothing(receipt: Receipt, view: ReceiptView): Child {
  const against = contradiction(receipt, view);
  if (against !== undefined) return message(against.state === "not-final" ? "warn" : "bad", t(`state.${against.state}`, { epoch: String(against.epoch) }));
  return message("good", t(view.paid > 0n ? "claim.nothing.paid" : "claim.nothing.zero"));
}

/** Contracts that are not known are called only after the reader said so. */
export function accept(app: App, view: Place, id = "accept"): Child {
  if (view.known) return undefined;
  const box = h("input", {
    attrs: { id, type: "checkbox" },
    on: { change: (event) => { app.state.accepted = (event.target as HTMLInputElement).checked; app.draw(); } },
  });
  box.checked = app.state.accepted;
  return message("warn", strange(view), h("label", "check", box, t("code.accept")));
}

/** Where the payee's money goes, and what could not be transferred before. */
export function recipientCard(app: App): Child {
  const found = shown(app);
  if (found === undefined) return undefined;
  const { receipt, view } = found;
  return h("details", { class: "card fold", attrs: { id: "recipient" } },
    h("summary", {}, h("h2", {}, t("recipient"))),
    h("p", {}, t("recipient.lead")),
    facts([t("recipient.now"), view.recipient.toLowerCase() === receipt.payee.toLowerCase() || view.recipient === ZERO_ADDRESS ? t("recipient.self") : hex(view.recipient)]),
    app.signer?.account === receipt.payee ? recipientForm(app, receipt.contract) : message("plain", t("recipient.notpayee", { payee: receipt.payee })),
    ...transaction(app, "recipient", {
      button: t("recipient.button"),
      sign: t("recipient.sign", { contract: receipt.contract, to: addressIn(app.state.recipientText) ?? "" }),
      done: t("done.recipient"),
    }, undefined, unaccepted(app, view)),
    ...credit(app, receipt, view),
  );
}

function credit(app: App, receipt: Receipt, view: ReceiptView): Child[] {
  const job = app.state.jobs.withdraw;
  // What was withdrawn stays to be read when there is nothing left.
  if (view.credit === 0n && job?.state !== "done") return [];
  const { token } = view.model;
  const amount = money(job?.amount ?? view.credit, token);
  const ready = job !== undefined;
  return [
    view.credit === 0n ? undefined : message("warn", t("credit", { amount: money(view.credit, token) })),
    ready || app.signer === undefined ? undefined
      : button("withdraw-try", t("withdraw.button", { amount }), () => void app.prepare("withdraw", withdrawCall(receipt.contract, token.address, receipt.payee), view.credit), "quiet"),
    ...transaction(app, "withdraw", { button: t("withdraw.button", { amount }), sign: t("withdraw.sign", { contract: receipt.contract }), done: t("done.withdraw", { amount }) }, token,
      unaccepted(app, view)),
  ];
}

function recipientForm(app: App, contract: Hex): Child {
  const { state } = app;
  const propose = (to: Hex | undefined): void => {
    state.recipientBad = to === undefined;
    if (to === undefined) {
      delete state.jobs.recipient;
      app.draw();
    } else void app.prepare("recipient", recipientCall(contract, to), 0n);
  };
  const input = h("input", {
    attrs: { id: "recipient-to", type: "text", autocomplete: "off", spellcheck: "false", placeholder: "0x", "aria-invalid": state.recipientBad ? "true" : "false" },
    on: { input: (event) => { state.recipientText = (event.target as HTMLInputElement).value; delete state.jobs.recipient; } },
  });
  input.value = state.recipientText;
  return h("form", { class: "field", attrs: { novalidate: true }, on: { submit: (event) => { event.preventDefault(); propose(addressIn(state.recipientText)); } } },
    h("label", { attrs: { for: "recipient-to" } }, t("recipient.label")),
    h("div", "field-row", input, h("button", { class: "button quiet", attrs: { id: "recipient-try", type: "submit" } }, t("recipient.try"))),
    state.recipientBad ? message("bad", t("recipient.bad")) : undefined);
}
