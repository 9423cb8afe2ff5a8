// SPDX-License-Identifier: MIT OR Apache-2.0

import type { App } from "../app.ts";
import { type Child, ICONS, h, icon } from "../dom.ts";
import { t } from "../i18n.ts";
import { card, checkedList, facts, hex, message, shortHex, trouble, whyText } from "../parts.ts";
import type { HeldRecord } from "../state.ts";
import { sourceName, strange } from "./receipt.ts";

export function recordCards(app: App): Child[] {
  return app.state.records.map((held, i) => recordCard(app, held, i));
}

function recordCard(app: App, held: HeldRecord, number: number): Child {
  const id = `record-${String(number)}`;
  const { document: record, outcome, content } = held;
  const title = `${t("record")}: ${t("slot", { segment: String(record.segment), slot: String(record.index) })}`;
  if (outcome.failed !== undefined) {
    return card(id, title, message("bad", t("bad", { why: whyText(outcome.failed.why) })), h("p", "hint", `${held.name} · ${outcome.failed.id}`));
  }
  const loaded = app.state.recordViews[number];
  const view = loaded?.state === "ready" ? loaded.value : undefined;
  const there = view !== undefined && view.records > BigInt(record.index);
  const strangers = (view?.codes ?? []).filter(({ state }) => state !== "known");
  const known = content !== undefined && content.failure === undefined;
  return card(id, title,
    message(outcome.openingsSkipped ? "warn" : "good", outcome.openingsSkipped ? t("skipped") : t("record.good"), view === undefined ? h("p", "hint", t("unchecked.registry")) : undefined),
    view && (there ? message(strangers.length > 0 ? "warn" : "good", t("record.registry.good")) : message("bad", t("record.registry.bad"))),
    loaded?.state === "failed" ? trouble(loaded.trouble, { id: `${id}-retry`, press: () => void app.refresh() }) : undefined,
    facts(
      [t("payee"), hex(record.payee)],
      [t("record.place"), view?.name ?? shortHex(record.dataset), h("br"), t("slot", { segment: String(record.segment), slot: String(record.index) })],
      [t("record.content"), hex(record.content)],
      [t("registry"), hex(record.registry)],
    ),
    strangers.length > 0 ? message("warn", strange({ strange: strangers }, "code.strange.registry")) : undefined,
    original(app, held, id),
    content && (known ? message("good", t("record.file.good", { name: content.name })) : message("bad", t("record.file.bad", { name: content.name, found: content.digest }))),
    checkedList(`${id}-checks`, [
      t("checked.format"), ...(outcome.openingsSkipped ? [] : [t("checked.path")]), ...(known ? [t("checked.content")] : []),
      ...(there ? [t("checked.registry", { n: String(view.records) })] : []),
      ...(view !== undefined && strangers.length === 0 ? [t("checked.code", { n: String(view.codes.length) })] : []),
    ], [
      ...(known ? [] : [t("unchecked.content")]), ...(view === undefined ? [t("unchecked.registry")] : [t("unchecked.node", { source: sourceName(app) })]),
    ]),
  );
}

function original(app: App, held: HeldRecord, id: string): Child {
  return h("label", "button quiet file",
    h("input", {
      class: "visually-hidden", attrs: { id: `${id}-file`, type: "file" },
      on: { change: (event) => {
        const [file] = (event.target as HTMLInputElement).files ?? [];
        if (file !== undefined) void app.original(held, file);
      } },
    }),
    icon(...ICONS.file), t("record.file"));
}
