// SPDX-License-Identifier: MIT OR Apache-2.0

import { Malformed, type WhyCode } from "./refusal.ts";

// A reader of JSON that is stricter than the browser's. `JSON.parse` keeps the last of repeated members, so that two programs may read
// one file differently; it rounds integers above 2^53; and its objects have a prototype. Here repeated members are refused, numbers are
// whole and exact, and objects are maps.

export type Json = null | boolean | bigint | string | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

/** No document nests deeper than a statement: its accounts' epochs. */
const MAX_DEPTH = 8;
/** Longer text in a message says nothing more. */
const MAX_SHOWN = 40;

export function parseJson(bytes: Uint8Array): Json {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed("file.utf8");
  }
  return new Reader(text).document();
}

class Reader {
  private at = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  document(): Json {
    const value = this.value(0);
    this.space();
    if (this.at !== this.text.length) throw this.fault();
    return value;
  }

  private fault(code: WhyCode = "file.json", args: Record<string, string> = {}): Malformed {
    const before = this.text.slice(0, this.at);
    const line = before.split("\n").length;
    const column = this.at - before.lastIndexOf("\n");
    return new Malformed(code, { line: String(line), column: String(column), ...args });
  }

  private space(): void {
    while (this.at < this.text.length && " \t\n\r".includes(this.text.charAt(this.at))) this.at++;
  }

  private take(expected: string): boolean {
    this.space();
    if (!this.text.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }

  private value(depth: number): Json {
    if (depth > MAX_DEPTH) throw this.fault("file.depth");
    this.space();
    const next = this.text.charAt(this.at);
    if (next === "{") return this.object(depth);
    if (next === "[") return this.list(depth);
    if (next === '"') return this.string();
    if (this.take("true")) return true;
    if (this.take("false")) return false;
    if (this.take("null")) return null;
    return this.number();
  }

  private object(depth: number): JsonObject {
    this.at++;
    const members = new Map<string, Json>();
    if (this.take("}")) return members;
    do {
      this.space();
      const key = this.string();
      if (members.has(key)) throw this.fault("file.repeated", { member: key.slice(0, MAX_SHOWN) });
      if (!this.take(":")) throw this.fault();
      members.set(key, this.value(depth + 1));
    } while (this.take(","));
    if (!this.take("}")) throw this.fault();
    return members;
  }

  private list(depth: number): readonly Json[] {
    this.at++;
    const items: Json[] = [];
    if (this.take("]")) return items;
    do items.push(this.value(depth + 1));
    while (this.take(","));
    if (!this.take("]")) throw this.fault();
    return items;
  }

  /** The grammar of strings is the browser's own: a slice from quote to quote is handed to it. */
  private string(): string {
    const start = this.at;
    if (this.text.charAt(start) !== '"') throw this.fault();
    let end = start + 1;
    while (end < this.text.length && this.text.charAt(end) !== '"') end += this.text.charAt(end) === "\\" ? 2 : 1;
    try {
      const value: unknown = JSON.parse(this.text.slice(start, end + 1));
      if (typeof value !== "string" || !value.isWellFormed()) throw this.fault();
      this.at = end + 1;
      return value;
    } catch {
      throw this.fault();
    }
  }

  private number(): bigint {
    const found = /^-?[0-9][0-9.eE+-]*/.exec(this.text.slice(this.at, this.at + MAX_SHOWN))?.[0];
    if (found === undefined) throw this.fault();
    if (!/^(0|[1-9][0-9]{0,19})$/.test(found)) throw this.fault("file.number", { number: found });
    this.at += found.length;
    return BigInt(found);
  }
}
