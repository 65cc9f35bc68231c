import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inputsMark, PassedBefore } from "../../../scripts/lib/passedBefore.ts";

let root: string;

function write(file: string, content: string): void {
  mkdirSync(join(root, file, ".."), { recursive: true });
  writeFileSync(join(root, file), content);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-inputs-"));
  execFileSync("git", ["init", "--quiet"], { cwd: root });
  write(".gitignore", "out/\n");
  write("src/a.ts", "1");
  write("test/e2e/b.ts", "2");
});

afterEach(() => rmSync(root, { recursive: true }));

test("the mark changes with every file that a suite looks at, tracked or not", () => {
  const before = inputsMark([], root);
  write("src/new.ts", "3");
  const added = inputsMark([], root);
  write("src/a.ts", "4");
  const changed = inputsMark([], root);
  rmSync(join(root, "src/new.ts"));
  const removed = inputsMark([], root);
  expect(new Set([before, added, changed, removed]).size).toBe(4);
  write("src/a.ts", "1");
  expect(inputsMark([], root)).toBe(before);
});

test("a tracked file that was deleted counts as a change", () => {
  execFileSync("git", ["add", "."], { cwd: root });
  const before = inputsMark([], root);
  rmSync(join(root, "src/a.ts"));
  expect(inputsMark([], root)).not.toBe(before);
});

test("documents, ignored files and folders of other suites leave the mark as it is", () => {
  const before = inputsMark(["test/e2e/"], root);
  write("docs/x.md", "text");
  write("out/log", "text");
  write("test/e2e/c.ts", "5");
  expect(inputsMark(["test/e2e/"], root)).toBe(before);
  expect(inputsMark([], root)).not.toBe(before);
});

test("a settings variable changes the mark", () => {
  const before = inputsMark([], root);
  const chromium = process.env.CHROMIUM;
  process.env.CHROMIUM = "/elsewhere/chromium";
  try {
    expect(inputsMark([], root)).not.toBe(before);
  } finally {
    if (chromium === undefined) delete process.env.CHROMIUM;
    else process.env.CHROMIUM = chromium;
  }
});

test("outside of a git repository nothing is known", () => {
  rmSync(join(root, ".git"), { recursive: true });
  expect(inputsMark([], root)).toBeNull();
});

test("a suite passed before only with the mark it was kept with", () => {
  const passed = new PassedBefore(join(root, "out", "unit.passed"));
  expect(passed.when("x")).toBeNull();
  passed.keep("x");
  expect(passed.when("x")).toBeInstanceOf(Date);
  expect(passed.when("y")).toBeNull();
  expect(passed.when(null)).toBeNull();
  passed.forget();
  expect(passed.when("x")).toBeNull();
});
