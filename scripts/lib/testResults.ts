/** What the suites say of their tests: the files that vitest and our mocha write, read into one form. */
import { relative } from "node:path";
import { ROOT } from "./paths.mjs";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface TestTime {
  readonly file: string;
  readonly title: string;
  readonly seconds: number;
}

export interface Failure {
  readonly file: string;
  readonly title: string;
  /** What it said, its first line. */
  readonly why: string;
}

export interface SuiteResults extends Counts {
  /** The reason of a skipped test is in its title. */
  readonly skippedTitles: readonly string[];
  readonly times: readonly TestTime[];
  /** Files in which something failed, relative to the project. */
  readonly failedFiles: readonly string[];
  readonly failures: readonly Failure[];
}

interface VitestFile {
  readonly name: string;
  readonly status: string;
  /** Why it could not be run at all. */
  readonly message?: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly duration?: number | null;
    readonly failureMessages?: readonly string[] | null;
  }[];
}

export interface VitestJson {
  readonly testResults: readonly VitestFile[];
}

const firstLine = (text: string) => text.split("\n", 1)[0] ?? "";

/** A file that failed without a failed test (it could not be loaded, or what comes before its tests failed) counts as one failure. */
export function vitestResults({ testResults }: VitestJson): SuiteResults {
  const files = testResults.map(({ name, status, message = "", assertionResults }) => {
    const file = relative(ROOT, name);
    const passed = assertionResults.filter((test) => test.status === "passed");
    const failures = assertionResults
      .filter((test) => test.status === "failed")
      .map(({ fullName, failureMessages }) => ({
        file,
        title: fullName,
        why: firstLine(failureMessages?.[0] ?? ""),
      }));
    if (status === "failed" && failures.length === 0) failures.push({ file, title: "", why: firstLine(message) });
    const left = assertionResults.filter((test) => !["passed", "failed"].includes(test.status));
    return {
      file,
      passed: passed.length,
      failures,
      skippedTitles: left.map(({ fullName }) => fullName),
      times: assertionResults.map(({ fullName, duration }) => ({
        file,
        title: fullName,
        seconds: (duration ?? 0) / 1000,
      })),
    };
  });
  const sum = (of: (file: (typeof files)[number]) => number) => files.reduce((total, file) => total + of(file), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failures }) => failures.length),
    skipped: sum(({ skippedTitles }) => skippedTitles.length),
    skippedTitles: files.flatMap(({ skippedTitles }) => skippedTitles),
    times: files.flatMap(({ times }) => times),
    failedFiles: files.filter(({ failures }) => failures.length > 0).map(({ file }) => file),
    failures: files.flatMap(({ failures }) => failures),
  };
}

/** The results of a run, with those files in the place of theirs that were run again. */
export function withFilesAgain(first: VitestJson, again: VitestJson): VitestJson {
  const by = new Map(again.testResults.map((file) => [file.name, file]));
  return { ...first, testResults: first.testResults.map((file) => by.get(file.name) ?? file) };
}

/** What `test/integration/index.ts` writes. */
interface MochaJson {
  readonly passed: readonly { readonly title: string; readonly seconds: number }[];
  readonly failed: readonly { readonly title: string; readonly error: string }[];
  readonly skipped: readonly string[];
}

export function mochaResults({ passed, failed, skipped }: MochaJson): SuiteResults {
  return {
    passed: passed.length,
    failed: failed.length,
    skipped: skipped.length,
    skippedTitles: skipped,
    times: passed.map(({ title, seconds }) => ({ file: "test/integration", title, seconds })),
    failedFiles: [],
    failures: failed.map(({ title, error }) => ({ file: "test/integration", title, why: firstLine(error) })),
  };
}

/** Lines that name the tests that took longest. */
export function slowest(times: readonly TestTime[], count: number): string[] {
  return [...times]
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, count)
    .map(({ file, title, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${file}: ${title}`);
}

/** Lines that name the tests that failed: they are read first, and stand at the end, where a long log is not cut. */
export function failureLines(failures: readonly Failure[]): string[] {
  return failures.map(({ file, title, why }) => `  ${[file, title, why].filter((part) => part !== "").join(": ")}`);
}
