// SPDX-License-Identifier: MIT OR Apache-2.0

import { App } from "./ui/app.ts";
import { claimCard, recipientCard } from "./ui/cards/claim.ts";
import { connectCard } from "./ui/cards/connect.ts";
import { keysCard } from "./ui/cards/keys.ts";
import { receiptCard } from "./ui/cards/receipt.ts";
import { recordCards } from "./ui/cards/record.ts";
import { demandCard, exitCard } from "./ui/cards/stalls.ts";
import { statementCard } from "./ui/cards/statement.ts";
import { type Child, ICONS, h, icon, mount } from "./ui/dom.ts";
import { type Language, language, speak, t } from "./ui/i18n.ts";
import { message, whyText } from "./ui/parts.ts";

// The page: what there is to see follows from the state alone, and is drawn again whenever that changes.

const root = document.getElementById("app") ?? document.body;
const said = document.getElementById("said");

const initial: Language = location.hash === "#zh" || (location.hash !== "#en" && navigator.language.toLowerCase().startsWith("zh")) ? "zh" : "en";
speak(initial);

/** Many changes, one picture; and none while a button is held down, whose click would be lost with it. */
let [queued, held] = [false, false];
const app = new App(() => {
  if (queued) return;
  queued = true;
  queueMicrotask(show);
});

function show(): void {
  if (!queued || held) return;
  queued = false;
  draw();
}

/** Nobody holds a button for so long: what let go of it was not seen. */
const LONGEST_PRESS = 1500;

function press(down: boolean): void {
  held = down;
  setTimeout(() => {
    if (down) held = false;
    show();
  }, down ? LONGEST_PRESS : 0);
}
for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => { press(true); }, true);
for (const event of ["pointerup", "pointercancel", "keyup", "blur"]) addEventListener(event, () => { press(false); }, true);

function languageButton(of: Language, name: string, code: string): Child {
  return h("button", {
    class: "language", attrs: { id: `language-${of}`, type: "button", lang: code, "aria-pressed": language() === of ? "true" : "false" },
    on: { click: () => {
      speak(of);
      history.replaceState(null, "", `#${of}`);
      draw();
    } },
  }, name);
}

function dropZone(compact: boolean): Child {
  const input = h("input", {
    class: "visually-hidden", attrs: { id: "files", type: "file", multiple: true, accept: ".json,.age,.txt,application/json", "aria-describedby": "drop-hint" },
    on: { change: (event) => {
      const chosen = event.target as HTMLInputElement;
      void app.take([...(chosen.files ?? [])]);
      chosen.value = "";
    } },
  });
  return h("div", `drop${compact ? " compact" : ""}`,
    h("label", "button primary large file", input, icon(...ICONS.file), t(compact ? "drop.again" : "drop")),
    h("p", { class: "hint", attrs: { id: "drop-hint" } }, t("drop.hint")),
    compact ? undefined : h("p", "hint with-icon", icon(...ICONS.lock), h("span", {}, t("drop.private"))));
}

function notes(): Child[] {
  return app.state.notes.map(({ good, name, why, kind }) =>
    message(good ? "plain" : "bad", why === undefined ? t("file.taken", { name, kind: t(`kind.${kind ?? "ledger"}`) }) : t("file.problem", { name, why: whyText(why) })));
}

/** On a phone a receipt comes first, and right behind it what can be done with it; on a wide screen that stands beside everything else. */
function cards(shown: boolean): Child {
  const [receipt, connect, claim] = [receiptCard(app), shown ? connectCard(app) : undefined, claimCard(app)];
  const connected = app.state.connected !== undefined && app.signer !== undefined;
  const side = h("div", "side", ...(connected ? [claim, connect] : [connect, claim]), recipientCard(app), demandCard(app), exitCard(app), keysCard(app));
  const others = [statementCard(app), ...recordCards(app)];
  const rest = others.some((other) => other instanceof Node) ? h("div", "rest", ...others) : undefined;
  return h("div", `cards${shown ? " wide" : ""}`, ...(receipt instanceof Node ? [receipt, side, rest] : [rest, side]));
}

function draw(): void {
  const { receipt, statement, records, checking } = app.state;
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
  document.title = t("title");
  const shown = receipt !== undefined || statement !== undefined || records.length > 0;
  root.classList.toggle("wide", shown);
  mount(root,
    h("a", { class: "skip", attrs: { href: "#main" } }, t("skip")),
    h("header", "top", h("p", "brand", h("span", { class: "mark", attrs: { "aria-hidden": "true" } }), t("brand")),
      h("div", { class: "languages", attrs: { role: "group", "aria-label": t("language") } }, languageButton("en", "English", "en"), languageButton("zh", "中文", "zh-CN"))),
    h("main", { attrs: { id: "main", tabindex: "-1" } },
      h("div", `hero${shown ? " small" : ""}`, h("h1", {}, t("hero")), shown ? undefined : h("p", "lead", t("lead"))),
      dropZone(shown),
      checking === undefined ? undefined : h("p", "waiting", h("span", { class: "spinner", attrs: { "aria-hidden": "true" } }), t("reading", { name: checking })),
      ...notes(),
      shown ? undefined : h("ol", "steps", ...(["step.1", "step.2", "step.3"] as const).map((step) => h("li", {}, t(step)))),
      cards(shown)),
    h("footer", {}, h("p", {}, t("footer.what")), h("p", {}, h("strong", {}, t("unaudited")))));
  announce();
  follow();
}

/** After a wallet was connected its button is gone: focus goes to what the wallet is for. */
function follow(): void {
  const title = app.state.heading === undefined ? null : document.getElementById(`${app.state.heading}-title`);
  if (title === null) return;
  app.state.heading = undefined;
  title.focus({ preventScroll: true });
  title.scrollIntoView({ block: "start" });
}

/** What changed, for those who hear the page: the newest message. */
function announce(): void {
  const texts = [...root.querySelectorAll("main .cards section .message-text > p:first-child, main > .message p:first-child, main .waiting")].map((element) => element.textContent);
  const text = texts.join(" ");
  if (said !== null && said.textContent !== text) said.textContent = text;
}

document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dragging");
});
document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) document.body.classList.remove("dragging");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dragging");
  if (event.dataTransfer !== null) void app.take([...event.dataTransfer.files]);
});

draw();
