// SPDX-License-Identifier: MIT OR Apache-2.0

// The only place that makes elements. Children are nodes or text nodes: what a file, a chain or a wallet says can't become markup.

export type Child = Node | string | undefined | false | null;

interface Props {
  readonly class?: string;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
  readonly attrs?: Readonly<Record<string, string | boolean | undefined>>;
}

function fill(element: Element, { class: name, on = {}, attrs = {} }: Props, children: readonly Child[]): void {
  if (name !== undefined) element.setAttribute("class", name);
  for (const [key, value] of Object.entries(attrs)) {
    if (key.startsWith("on")) throw new Error("listeners are functions");
    if (value === true) element.setAttribute(key, "");
    else if (typeof value === "string") element.setAttribute(key, value);
  }
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  for (const child of children) {
    if (typeof child === "string") element.append(document.createTextNode(child));
    else if (child instanceof Node) element.append(child);
  }
}

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props | string = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, typeof props === "string" ? { class: props } : props, children);
  return element;
}

export function svg(tag: string, attrs: Readonly<Record<string, string>>, ...children: readonly Child[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, { attrs }, children);
  return element;
}

/** Lines of a picture that says what the text beside it says: hidden from screen readers. */
export function icon(...paths: readonly string[]): SVGElement {
  const lines = paths.map((d) => svg("path", { d }));
  return svg("svg", {
    viewBox: "0 0 24 24", width: "20", height: "20", fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linecap": "round",
    "stroke-linejoin": "round", "aria-hidden": "true", class: "icon",
  }, ...lines);
}

export const ICONS = {
  good: ["M20 6 9 17l-5-5"],
  bad: ["M18 6 6 18", "M6 6l12 12"],
  warn: ["M12 9v4", "M12 17h.01", "M10.3 3.9 1.8 18a2 2 0 0 0 1.7 3h17a2 2 0 0 0 1.7-3L13.7 3.9a2 2 0 0 0-3.4 0z"],
  file: ["M14 3H6a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V9z", "M14 3v6h6"],
  wallet: ["M20 7H5a2 2 0 0 1 0-4h13v4", "M3 5v14a2 2 0 0 0 2 2h15a1 1 0 0 0 1-1V8a1 1 0 0 0-1-1", "M17 14h.01"],
  link: ["M10 13a5 5 0 0 0 7.5.5l3-3a5 5 0 0 0-7-7l-1.7 1.7", "M14 11a5 5 0 0 0-7.5-.5l-3 3a5 5 0 0 0 7 7l1.7-1.7"],
  lock: ["M5 11h14v10H5z", "M8 11V7a4 4 0 0 1 8 0v4"],
} as const;

/** Details that are open, by id: they stay so where a card goes and comes back. */
const unfolded = new Set<string>();

/** Puts children in place of what was there; focus and open details stay where they were, by id. */
export function mount(container: Element, ...children: readonly Child[]): void {
  const focused = document.activeElement?.id ?? "";
  for (const { id, open } of container.querySelectorAll("details")) {
    if (open) unfolded.add(id);
    else unfolded.delete(id);
  }
  container.replaceChildren(...children.filter((child): child is Node | string => child instanceof Node || typeof child === "string"));
  for (const element of container.querySelectorAll("details")) element.open = unfolded.has(element.id);
  if (focused !== "" && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
}
