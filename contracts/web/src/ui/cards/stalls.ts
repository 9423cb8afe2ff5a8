// SPDX-License-Identifier: MIT OR Apache-2.0

import { type StallView, bondIsBack, exitsOf } from "../../chain/stalls.ts";
import type { App } from "../app.ts";
import { type Child, h } from "../dom.ts";
import { COIN, brief, coin, date, duration, money } from "../format.ts";
import { language, t } from "../i18n.ts";
import { facts, message, transaction, trouble } from "../parts.ts";
import { accept, unaccepted } from "./claim.ts";

// A developer who is silent, and a model that was dissolved. Both need a record's path: who has no receipt has nothing else.

const fold = (id: string, title: string, ...children: readonly Child[]): HTMLElement =>
  h("details", { class: "card fold", attrs: { id } }, h("summary", {}, h("h2", {}, title)), ...children);

function view(app: App): StallView | undefined {
  const loaded = app.state.stallView;
  return loaded?.state === "ready" ? loaded.value : undefined;
}

function failed(app: App, id: string): Child {
  const loaded = app.state.stallView;
  return loaded?.state === "failed" ? trouble(loaded.trouble, { id, press: () => void app.refresh() }) : undefined;
}

export function demandCard(app: App): Child {
  return fold("demand", t("demand"), h("p", {}, t("demand.lead")), failed(app, "demand-retry"), ...demand(app));
}

function demand(app: App): Child[] {
  const [held] = app.state.records;
  if (held === undefined || held.outcome.failed !== undefined) return [message("plain", t("demand.need.record"))];
  if (app.target === undefined) return [message("plain", t("demand.need.ledger"))];
  if (held.document.suite === "pasta") return [message("plain", t("demand.suite"))];
  const found = view(app);
  if (found === undefined) return [message("plain", t("demand.connect"))];
  const { model, target } = found;
  const when = (seconds: bigint): string => date(seconds, language());
  const bond = `${coin(model.demandBond)} ${COIN}`;
  const open = found.records[0]?.demand;
  const deadline = open?.deadline;
  const about = found.block.timestamp + BigInt(model.demandWindow);
  const done = app.state.jobs.demand?.state === "done";
  const back = open !== undefined && bondIsBack(found, open) || app.state.jobs.bond?.state === "done"
    ? transaction(app, "bond", { button: t("bond.button", { bond }), sign: t("bond.sign", { contract: target.contract, to: open?.sender ?? "" }), done: t("bond.done") }, undefined,
      unaccepted(app, found))
    : [];
  if (model.dissolvedAt !== 0n) return [message("plain", t("refusal.ModelDissolved")), ...back];
  return [
    facts([t("model"), model.name], [t("demand.bond"), bond],
      deadline === undefined ? [t("demand.deadline"), t("demand.deadline.value", { window: duration(model.demandWindow), date: when(about) })] : [t("demand.deadline"), when(deadline)]),
    deadline !== undefined && !done ? message("plain", t("demand.open", { deadline: when(deadline) })) : undefined,
    app.signer === undefined ? message("plain", t("demand.connect")) : undefined,
    ...back,
    done ? undefined : accept(app, found, "accept-demand"),
    ...transaction(app, "demand", {
      button: t("demand.button", { bond }), sign: t("demand.sign", { contract: target.contract, bond }),
      done: t("done.demand", { deadline: when(deadline ?? about) }),
    }, undefined, unaccepted(app, found)),
  ];
}

export function exitCard(app: App): Child {
  return fold("exit", t("exit"), h("p", {}, t("exit.lead")), failed(app, "exit-retry"), ...exit(app));
}

function exit(app: App): Child[] {
  const { records, scores, enrolments, jobs } = app.state;
  if (records.length === 0) return [message("plain", t("exit.need.record"))];
  if (app.target === undefined) return [message("plain", t("demand.need.ledger"))];
  const found = view(app);
  if (found === undefined) return [message("plain", t("demand.connect"))];
  const { model, target } = found;
  if (model.dissolvedAt === 0n) return [message("plain", t("exit.alive", { model: model.name }))];
  const { token } = model;
  const amount = money(jobs.exit?.amount ?? 0n, token);
  if (jobs.exit?.state !== "done") {
    const exits = exitsOf(found, records.map((held) => held.document), scores, enrolments);
    if (exits.state === "nothing") return [message("good", t("exit.left"))];
    if (exits.state === "scores") return [message("plain", t("exit.need.scores", { epoch: String(model.finalEpoch) }))];
    if (exits.state === "enrolments") return [message("plain", t("exit.need.enrolments"))];
    if (app.signer === undefined) return [message("plain", t("demand.connect"))];
  }
  return [
    facts([t("model"), model.name], [t("exit.amount"), amount]),
    jobs.exit?.state === "done" ? undefined : accept(app, found, "accept-exit"),
    ...transaction(app, "exit", {
      button: t("exit.button", { amount: brief(jobs.exit?.amount ?? 0n, token) }), sign: t("exit.sign", { contract: target.contract, n: String(records.length) }), done: t("done.exit", { amount }),
    }, token, unaccepted(app, found)),
  ];
}
