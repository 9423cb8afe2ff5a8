// SPDX-License-Identifier: MIT OR Apache-2.0

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkContent, checkDocument } from "../src/core/check.ts";
import { readDocument } from "../src/core/documents.ts";
import { sha256Hex } from "../src/core/hash.ts";
import { Malformed } from "../src/core/refusal.ts";

interface Case {
  readonly kind: "receipt" | "statement" | "record";
  readonly name: string;
  readonly content?: string;
  readonly rust: { readonly exit: number; readonly verdict: string; readonly failed: string | null };
  readonly from: number;
  readonly to: number;
  readonly put: string;
}
interface Vectors {
  readonly upload: string;
  readonly documents: Record<Case["kind"], string>;
  readonly cases: readonly Case[];
}

const vectors = JSON.parse(readFileSync(new URL("vectors/vectors.json", import.meta.url), "utf8")) as Vectors;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const textOf = ({ kind, from, to, put }: Case): string => {
  const whole = vectors.documents[kind];
  return whole.slice(0, from) + put + whole.slice(to);
};

/** What the page says, in the terms of apportion-verify: a malformed file, another version, the first check that fails, or nothing wrong. */
async function said(one: Case): Promise<string> {
  try {
    const document = readDocument(bytes(textOf(one)));
    expect(document.kind).toBe(one.kind);
    const outcome = await checkDocument(document);
    if (outcome?.failed) return outcome.failed.id;
    const content = document.kind === "record" ? checkContent(document, sha256Hex(bytes(one.content ?? vectors.upload))) : undefined;
    return content?.id ?? "nothing wrong";
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return error.why.code === "file.version" ? "another version" : "malformed";
  }
}

function expected({ name, rust }: Case): string {
  if (rust.failed !== null) return rust.failed;
  if (rust.exit === 3) return "malformed";
  if (rust.exit === 4 && rust.verdict === "NOT CHECKABLE" && name.startsWith("version")) return "another version";
  return "nothing wrong";
}

describe("the page and apportion-verify say the same", () => {
  test("the cases are many, and of every outcome", () => {
    const outcomes = new Set(vectors.cases.map(expected));
    expect(vectors.cases.length).toBeGreaterThan(100);
    expect([...outcomes].sort()).toEqual([
      "another version", "malformed", "nothing wrong", "receipt.index", "receipt.opening", "receipt.payee", "record.content", "record.path",
      "statement.epochs", "statement.payout",
    ]);
  });

  test.each(vectors.cases.map((one) => [`${one.kind}: ${one.name}`, one] as const))("%s", async (_, one) => {
    expect(await said(one)).toBe(expected(one));
  });
});
