import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../../scripts/lib/paths.mjs";
import {
  failureLines,
  mochaResults,
  slowest,
  vitestResults,
  withFilesAgain,
} from "../../../scripts/lib/testResults.ts";

const passed = (fullName: string, duration = 1) => ({ status: "passed", fullName, duration });
const file = (name: string, status: string, ...assertionResults: ReturnType<typeof passed>[]) => ({
  name: join(ROOT, "test", name),
  status,
  assertionResults,
});

test("tests are counted, and a file that failed before its tests is a failure", () => {
  const results = vitestResults({
    testResults: [
      file("a.test.ts", "passed", passed("one"), { ...passed("two: no GPU here"), status: "skipped" }),
      file("b.test.ts", "failed", { ...passed("three"), status: "failed" }, passed("four")),
      file("c.test.ts", "failed"),
    ],
  });
  expect(results).toMatchObject({ passed: 2, failed: 2, skipped: 1, skippedTitles: ["two: no GPU here"] });
  expect(results.failedFiles).toEqual(["test/b.test.ts", "test/c.test.ts"]);
  expect(failureLines(results.failures)).toEqual(["  test/b.test.ts: three", "  test/c.test.ts"]);
});

test("a failure is named with the first line of what it said, also where its file could not be loaded", () => {
  const { failures } = vitestResults({
    testResults: [
      {
        ...file("a.test.ts", "failed"),
        assertionResults: [{ status: "failed", fullName: "one", failureMessages: ["Error: 2 is not 1\n at a.ts"] }],
      },
      { ...file("b.test.ts", "failed"), message: "no such module" },
    ],
  });
  expect(failureLines(failures)).toEqual([
    "  test/a.test.ts: one: Error: 2 is not 1",
    "  test/b.test.ts: no such module",
  ]);
  const inside = mochaResults({ passed: [], failed: [{ title: "three", error: "Error: no\n at" }], skipped: [] });
  expect(failureLines(inside.failures)).toEqual(["  test/integration: three: Error: no"]);
});

test("a file that was run again counts as it then was, the others as they were", () => {
  const first = {
    testResults: [
      file("a.test.ts", "passed", passed("one")),
      file("b.test.ts", "failed", { ...passed("two"), status: "failed" }),
    ],
  };
  const good = withFilesAgain(first, { testResults: [file("b.test.ts", "passed", passed("two"))] });
  expect(vitestResults(good)).toMatchObject({ passed: 2, failed: 0, failedFiles: [] });
  const bad = withFilesAgain(first, { testResults: [file("b.test.ts", "failed")] });
  expect(vitestResults(bad)).toMatchObject({ passed: 1, failed: 1, failedFiles: ["test/b.test.ts"] });
});

test("the slowest tests of all suites are named, the slowest first", () => {
  const browser = vitestResults({
    testResults: [file("e2e/a.test.ts", "passed", passed("quick", 20), passed("slow", 2500))],
  });
  const inside = mochaResults({ passed: [{ title: "middle", seconds: 1.25 }], failed: [], skipped: ["later: why"] });
  expect(slowest([...browser.times, ...inside.times], 2)).toEqual([
    "    2.5 s  test/e2e/a.test.ts: slow",
    "    1.3 s  test/integration: middle",
  ]);
  expect(inside).toMatchObject({ passed: 1, skipped: 1, skippedTitles: ["later: why"] });
});
