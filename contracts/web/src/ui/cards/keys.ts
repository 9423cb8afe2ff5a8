// SPDX-License-Identifier: MIT OR Apache-2.0

import type { App } from "../app.ts";
import { type Child, ICONS, h, icon } from "../dom.ts";
import { t } from "../i18n.ts";
import { button, facts, message, trouble } from "../parts.ts";

/** Receipts that wait for their owner, encrypted, in a folder that anybody can see. */
export function keysCard(app: App): Child {
  const { key } = app.state;
  return h("details", { class: "card fold", attrs: { id: "keys" } },
    h("summary", {}, h("h2", {}, t("keys"))),
    h("p", {}, t("keys.lead")),
    ...(key === undefined ? make(app) : [
      facts([t("keys.recipient"), h("code", { class: "hex", attrs: { id: "recipient-key", translate: "no" } }, key.recipient)]),
      message("plain", t("keys.give")),
      app.state.keySaved ? undefined : message("warn", t("keys.unsaved"), button("key-save", t("keys.save"), () => { save(app); }, "quiet")),
      fetchForm(app),
      button("key-forget", t("keys.forget"), () => { app.forgetKey(); }, "quiet"),
    ]),
    app.state.keyTrouble && trouble(app.state.keyTrouble),
  );
}

function make(app: App): Child[] {
  return [
    h("p", {}, t("keys.choose")),
    h("div", "buttons",
      button("key-new", t("keys.new"), () => void app.makeKey(), "quiet"),
      app.state.connected === undefined ? undefined : button("key-derive", t("keys.derive"), () => void app.deriveKey(), "quiet")),
    h("p", "hint with-icon", icon(...ICONS.lock), h("span", {}, t("keys.sign"))),
  ];
}

/** The key's file goes to the reader's own disk: nothing is sent. */
function save(app: App): void {
  const { key } = app.state;
  if (key === undefined) return;
  const link = h("a", { attrs: { download: "apportion-receipt-key.txt" } });
  link.href = URL.createObjectURL(new Blob([`# public key: ${key.recipient}\n${key.identity}\n`], { type: "text/plain" }));
  link.click();
  setTimeout(() => { URL.revokeObjectURL(link.href); }, 10_000);
  app.state.keySaved = true;
  app.draw();
}

function field(app: App, id: string, label: string, of: "folderText" | "payeeText", type: string): Child[] {
  const input = h("input", {
    attrs: { id, type, autocomplete: "off", spellcheck: "false" },
    on: { input: (event) => { app.state[of] = (event.target as HTMLInputElement).value; } },
  });
  input.value = app.state[of];
  return [h("label", { attrs: { for: id } }, label), h("div", "field-row", input)];
}

function fetchForm(app: App): Child {
  if (app.state.ledger === undefined) return message("plain", t("keys.need.ledger"));
  return h("form", { class: "field", attrs: { novalidate: true }, on: { submit: (event) => { event.preventDefault(); void app.fetchReceipt(); } } },
    ...field(app, "folder", t("keys.folder"), "folderText", "url"),
    ...field(app, "folder-payee", t("payee"), "payeeText", "text"),
    h("p", "hint", t("keys.folder.hint")),
    h("div", "buttons", h("button", { class: "button quiet", attrs: { id: "folder-fetch", type: "submit" } }, t("keys.fetch"))),
    app.state.folderBad ? message("bad", t("keys.folder.bad")) : undefined);
}
