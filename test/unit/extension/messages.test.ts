import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { messageText, visible, visibleLines } from "../../../src/shared/index.ts";

const SOURCES = join(import.meta.dirname, "../../../src/extension");

test("messages are shown in one place, which takes no links and no icons from names", () => {
  const direct = globSync("**/*.ts", { cwd: SOURCES }).filter((file) =>
    /window\.(show(Error|Warning|Information)Message|setStatusBarMessage)\b/.test(
      readFileSync(join(SOURCES, file), "utf8"),
    ),
  );
  expect(direct).toEqual(["messages.ts"]);
  const operator = "[Click here](command:workbench.action.terminal.new) $(error)";
  expect(messageText(`The operator ${operator} is not known.`)).not.toMatch(/\]\(|\$\(/);
  expect(messageText("x".repeat(5000)).length).toBeLessThan(1100);
});

test("what moves a cursor, ends a line or turns the direction is written out; other text stays", () => {
  expect(visible("a\u001b[2Jb\nc\u202ed\u009be\u2028\r\u0000")).toBe(
    "a\\u001b[2Jb\\u000ac\\u202ed\\u009be\\u2028\\u000d\\u0000",
  );
  expect(visibleLines("one\ntwo\u001b")).toBe("one\ntwo\\u001b");
  const plain = "Grüße, 日本語, مرحبا, 👩‍🔬 [x] (y) $5";
  expect([visible(plain), visibleLines(plain)]).toEqual([plain, plain]);
  expect(visible({ path: "a\tb", more: [1, null, { "k\u0007": "\u007f" }], at: new Uint8Array(2) })).toEqual({
    path: "a\\u0009b",
    more: [1, null, { "k\\u0007": "\\u007f" }],
    at: new Uint8Array(2),
  });
});

test("JSON with marks written out says the same", () => {
  const value = { path: "x\u202e\u009b\u007f\n\u2066" };
  const text = visibleLines(JSON.stringify(value, null, 2));
  expect(text).not.toMatch(/[\u007f-\u009f\u202e\u2066]/);
  expect(JSON.parse(text)).toEqual(value);
});
