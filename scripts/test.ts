/**
 * `npm test`: builds and runs everything, and ends with one line: N passed, N failed, N skipped. A suite that passed
 * before with the very same files is not run again, and says so; `npm test -- --fresh` runs it all the same.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inputsMark, PassedBefore } from "./lib/passedBefore.ts";
import { ROOT } from "./lib/paths.mjs";
import { runTool } from "./lib/run.ts";
import {
  type Counts,
  type Failure,
  failureLines,
  mochaResults,
  type SuiteResults,
  slowest,
  type TestTime,
  type VitestJson,
  vitestResults,
  withFilesAgain,
} from "./lib/testResults.ts";

const RESULTS = join(ROOT, "out", "results");
/** Tests that are named at the end because they took longest. */
const SLOWEST = 10;
/** Files whose tests failed run once more where it is so few; where it is more, something is broken. */
const FEW_FILES = 4;

const fresh = process.argv.includes("--fresh");
const total = { passed: 0, failed: 0, skipped: 0, before: 0 };
const failures: string[] = [];
const triedAgain: Failure[] = [];
const failedTests: Failure[] = [];
const times: TestTime[] = [];
const minutes: string[] = [];

/** @param ok a suite that ends badly without a failed test (it crashed, or ran nothing) is a failure too */
function add(name: string, { passed, failed, skipped }: Counts, ok: boolean): void {
  total.passed += passed;
  total.skipped += skipped;
  total.failed += ok ? failed : Math.max(1, failed);
  if (!ok) failures.push(name);
}

function timed<T>(name: string, run: () => T): T {
  console.log(`\n── ${name}`);
  const start = Date.now();
  const result = run();
  minutes.push(`${name} ${((Date.now() - start) / 60_000).toFixed(1)}`);
  return result;
}

/** A step that passes or fails as a whole. */
function check(name: string, tool: string, args: readonly string[] = []): boolean {
  const ok = timed(name, () => runTool(tool, args));
  add(name, { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }, ok);
  return ok;
}

/**
 * A suite that writes its results to a file, which must be new and tell of tests that ran.
 * @param without folders whose files the suite does not look at
 * @param run with the file; whether it says that all is well
 */
function suite<T>(
  name: string,
  without: readonly string[],
  read: (json: T) => SuiteResults,
  run: (file: string) => boolean,
): void {
  const file = join(RESULTS, `${name}.json`);
  const results = () => (existsSync(file) ? read(JSON.parse(readFileSync(file, "utf8")) as T) : undefined);
  const passed = new PassedBefore(join(RESULTS, `${name}.passed`));
  const mark = inputsMark(without);
  const when = passed.when(mark);
  const kept = fresh || when === null ? undefined : results();
  if (when !== null && kept !== undefined) {
    console.log(`\n── ${name}`);
    console.log(
      `${kept.passed} passed on ${when.toLocaleString()} with the same files; npm test -- --fresh runs them again`,
    );
    total.before += kept.passed;
    tell(name, kept, true);
    return;
  }
  passed.forget();
  rmSync(file, { force: true });
  const ok = timed(name, () => run(file));
  const now = results();
  const good = ok && now !== undefined && now.failed === 0 && now.passed > 0;
  // Files that were changed while the suite ran were not what it saw.
  if (good && inputsMark(without) === mark) passed.keep(mark);
  tell(name, now ?? { passed: 0, failed: 0, skipped: 0, skippedTitles: [], times: [], failures: [] }, good);
}

function tell(name: string, results: Omit<SuiteResults, "failedFiles">, good: boolean): void {
  for (const title of results.skippedTitles) console.log(`skipped: ${title}`);
  times.push(...results.times);
  failedTests.push(...results.failures);
  add(name, results, good);
}

function vitest(file: string, ...args: readonly string[]): boolean {
  return runTool("vitest", ["run", ...args, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`]);
}

/** A few files with failures are run once more, one by one; what fails again has failed, and what does not is told. */
function vitestTwice(file: string, ...config: readonly string[]): boolean {
  if (vitest(file, ...config)) return true;
  if (!existsSync(file)) return false;
  const first = JSON.parse(readFileSync(file, "utf8")) as VitestJson;
  const { failedFiles, failures: firstFailures } = vitestResults(first);
  if (failedFiles.length === 0 || failedFiles.length > FEW_FILES) return false;
  console.log(`\n── failed, and run once more: ${failedFiles.join(", ")}`);
  triedAgain.push(...firstFailures);
  const aside = join(RESULTS, "again.json");
  rmSync(aside, { force: true });
  const ok = vitest(aside, ...config, "--no-file-parallelism", ...failedFiles);
  if (!existsSync(aside)) return false;
  const both = withFilesAgain(first, JSON.parse(readFileSync(aside, "utf8")) as VitestJson);
  writeFileSync(file, JSON.stringify(both));
  return ok;
}

const start = Date.now();
mkdirSync(RESULTS, { recursive: true });
check("lint", "biome", ["check", "--error-on-warnings", "."]);
check("unused", "knip");
check("types", "tsc", ["-b"]);
if (check("build", "scripts/build.ts")) {
  suite("unit", ["test/integration/", "test/e2e/"], vitestResults, (file) => vitestTwice(file));
  const inCode = ["test/unit/", "test/e2e/", "test/bench/", "test/soak/"];
  suite("integration", inCode, mochaResults, () => runTool("scripts/integration.ts", []));
  suite("e2e", ["test/unit/", "test/integration/", "test/bench/", "test/soak/"], vitestResults, (file) =>
    vitestTwice(file, "--config", "vitest.e2e.config.ts"),
  );
}
console.log(`\nSlowest tests:\n${slowest(times, SLOWEST).join("\n")}`);
console.log(`\nMinutes: ${minutes.join(", ")}; ${((Date.now() - start) / 60_000).toFixed(1)} in all`);
if (total.before > 0) console.log(`${total.before} of these passed before, with the same files.`);
if (triedAgain.length > 0) console.log(`Failed at first, and run once more:\n${failureLines(triedAgain).join("\n")}`);
if (failures.length > 0) console.log(`Failed: ${failures.join(", ")}\n${failureLines(failedTests).join("\n")}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
