import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { InputBoxOptions } from "vscode";
import { messageText, visible, visibleLines } from "../../../src/shared/index.ts";

const SOURCES = join(import.meta.dirname, "../../../src/extension");

const said = vi.hoisted(() => ({ options: [] as InputBoxOptions[], log: [] as string[] }));
vi.mock("vscode", () => ({
  window: {
    showInputBox: async (options: InputBoxOptions) => void said.options.push(options),
    createOutputChannel: () => {
      const write = (level: string) => (text: string) => void said.log.push(`${level} ${text}`);
      const levels = ["trace", "debug", "info", "warn", "error"];
      return Object.freeze({ name: "Lookalike", ...Object.fromEntries(levels.map((level) => [level, write(level)])) });
    },
  },
}));

test("messages are shown in one place, which takes no links and no icons from names", () => {
  const direct = globSync("**/*.ts", { cwd: SOURCES }).filter((file) =>
    /window\.(show(Error|Warning|Information)Message|setStatusBarMessage|showInputBox)\b/.test(
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

test("what is asked for in a line, and what is wrong with an answer, holds no link either", async () => {
  const { askLine } = await import("../../../src/extension/messages.ts");
  const name = "[here](command:workbench.action.terminal.new)\u202e";
  await askLine({ prompt: `In the language of ${name}`, validateInput: (text) => (text === "" ? name : undefined) });
  await askLine({ title: "plain" });
  const [first, second] = said.options;
  for (const text of [first!.prompt!, String(await first!.validateInput!(""))]) {
    expect(text).toContain("[here] (command:workbench.action.terminal.new)\\u202e");
  }
  expect(await first!.validateInput!("right")).toBeUndefined();
  expect(second).toEqual({ title: "plain" });
});

test("a name makes up no entry of the log", async () => {
  const { createLog } = await import("../../../src/extension/log.ts");
  const direct = globSync("**/*.ts", { cwd: SOURCES }).filter((file) =>
    /window\.createOutputChannel\b/.test(readFileSync(join(SOURCES, file), "utf8")),
  );
  expect(direct).toEqual(["log.ts"]);
  const log = createLog();
  log.warn("Skipped a\n2026-01-01 00:00:00.000 [info] All is well\u001b[2J\r.png: damaged");
  log.error(Object.assign(new Error("x"), { stack: "Error: b\u202e\n    at c" }));
  expect(said.log).toEqual([
    "warn Skipped a\n    2026-01-01 00:00:00.000 [info] All is well\\u001b[2J\\u000d.png: damaged",
    "error Error: b\\u202e\n        at c",
  ]);
  expect(log.name).toBe("Lookalike");
});
