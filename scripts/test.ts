/**
 * `npm test`: builds and runs everything, and ends with one line: N passed, N failed, N skipped. A suite that passed
 * before with the very same files is not run again, and says so; `npm test -- --fresh` runs it all the same.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { inputsMark, PassedBefore } from "./lib/passedBefore.ts";
import { ROOT } from "./lib/paths.mjs";
import { runTool } from "./lib/run.ts";

const RESULTS = join(ROOT, "out", "results");

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
const fresh = process.argv.includes("--fresh");
let before = 0;

function add(name: string, counts: Counts, ok = counts.failed === 0): void {
  total.passed += counts.passed;
  total.skipped += counts.skipped;
  // A suite that ends badly without a failed test (it crashed, or ran nothing) is a failure too.
  total.failed += ok ? counts.failed : Math.max(1, counts.failed);
  if (!ok) failures.push(name);
}

/** A step that passes or fails as a whole. */
function check(name: string, tool: string, args: readonly string[] = []): boolean {
  console.log(`\n── ${name}`);
  const ok = runTool(tool, args);
  add(name, { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });
  return ok;
}

/**
 * A suite that writes its results to a file, which must be new and tell of tests that ran.
 * @param without folders whose files the suite does not look at
 */
function suite(
  name: string,
  without: readonly string[],
  tool: string,
  args: readonly string[],
  read: (json: unknown) => Counts,
): void {
  console.log(`\n── ${name}`);
  const file = join(RESULTS, `${name}.json`);
  const passed = new PassedBefore(join(RESULTS, `${name}.passed`));
  const mark = inputsMark(without);
  const when = passed.when(mark);
  if (!fresh && when !== null && existsSync(file)) {
    const counts = read(JSON.parse(readFileSync(file, "utf8")));
    console.log(
      `${counts.passed} passed on ${when.toLocaleString()} with the same files; npm test -- --fresh runs them again`,
    );
    before += counts.passed;
    add(name, counts);
    return;
  }
  passed.forget();
  rmSync(file, { force: true });
  const ok = runTool(tool, args);
  const counts = existsSync(file) ? read(JSON.parse(readFileSync(file, "utf8"))) : { passed: 0, failed: 0, skipped: 0 };
  const good = ok && counts.failed === 0 && counts.passed > 0;
  // Files that were changed while the suite ran were not what it saw.
  if (good && inputsMark(without) === mark) passed.keep(mark);
  add(name, counts, good);
}

interface VitestJson {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly { status: string; fullName: string }[] }[];
}

/** The reason of a skipped test is in its title. */
function vitestCounts(json: unknown): Counts {
  const { numPassedTests, numFailedTests, testResults } = json as VitestJson;
  const skipped = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "skipped" || status === "pending" || status === "todo");
  for (const { fullName } of skipped) console.log(`skipped: ${fullName}`);
  return { passed: numPassedTests, failed: numFailedTests, skipped: skipped.length };
}

function mochaCounts(json: unknown): Counts {
  const { passed, failed, skipped } = json as Record<keyof Counts, unknown[]>;
  return { passed: passed.length, failed: failed.length, skipped: skipped.length };
}

const vitest = (name: string, without: readonly string[], config: readonly string[] = []) =>
  suite(
    name,
    without,
    "vitest",
    ["run", ...config, "--reporter=default", "--reporter=json", `--outputFile.json=${join(RESULTS, `${name}.json`)}`],
    vitestCounts,
  );

mkdirSync(RESULTS, { recursive: true });
check("lint", "biome", ["check", "--error-on-warnings", "."]);
check("unused", "knip");
check("types", "tsc", ["-b"]);
if (check("build", "scripts/build.ts")) {
  vitest("unit", ["test/integration/", "test/e2e/"]);
  suite("integration", ["test/unit/", "test/e2e/", "test/bench/"], "scripts/integration.ts", [], mochaCounts);
  vitest("e2e", ["test/unit/", "test/integration/", "test/bench/"], ["--config", "vitest.e2e.config.ts"]);
}
if (before > 0) console.log(`\n${before} of these passed before, with the same files.`);
console.log(failures.length > 0 ? `\nFailed: ${failures.join(", ")}` : "");
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
