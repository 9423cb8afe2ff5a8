// SPDX-License-Identifier: MIT OR Apache-2.0

import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "screenshots/", "test/.chain/", "**/*.generated.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Strings that are spread here are digits and names.
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // Files and chains are strangers: nothing of theirs is ever parsed as markup.
      "no-restricted-properties": ["error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc"].map((property) => ({ property, message: "Text nodes only: see src/ui/dom.ts." })),
      ],
      "no-restricted-globals": ["error", { name: "eval", message: "Never." }, { name: "localStorage", message: "The page keeps nothing." }],
    },
  },
  {
    // Of Node, and in functions that a test runs in the page, of the browser.
    files: ["script/*.mjs", "test/**/*.mjs", "*.js"],
    languageOptions: {
      globals: Object.fromEntries(
        ["process", "console", "URL", "Buffer", "setTimeout", "clearTimeout", "fetch", "document", "innerWidth", "CustomEvent"].map((name) => [name, "readonly"]),
      ),
    },
  },
);
