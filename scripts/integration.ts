/** `npm run test:integration`: the suites of test/integration inside a real VS Code. Needs a build. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTests } from "@vscode/test-electron";
import { ensureEmoji } from "../test/fixtures/emoji.ts";
import { tinyModel } from "../test/fixtures/tinyModel.ts";
import { CODE_SERVER, ROOT } from "./lib/paths.mjs";

const results = join(ROOT, "out", "results");
const resultFile = join(results, "integration.json");
rmSync(resultFile, { force: true });
mkdirSync(results, { recursive: true });

// A copy: the suites add and damage files.
const scratch = mkdtempSync(join(tmpdir(), "lookalike-integration-"));
const workspace = join(scratch, "images");
cpSync((await ensureEmoji({ classes: 16 })).folder, workspace, { recursive: true });

// A second model, one that embeds in no time.
const otherModel = join(scratch, "other.onnx");
writeFileSync(otherModel, tinyModel("other", "MS"));

// VSCODE_EXECUTABLE wins; then code-server where it is installed; else VS Code is downloaded.
const shim = join(ROOT, "scripts", "codeServerShim.mjs");
const executable = process.env["VSCODE_EXECUTABLE"] ?? (existsSync(CODE_SERVER) ? shim : undefined);
let failure: unknown;
try {
  await runTests({
    ...(executable === undefined ? {} : { vscodeExecutablePath: executable }),
    extensionDevelopmentPath: ROOT,
    extensionTestsPath: join(ROOT, "out", "integration", "index.cjs"),
    launchArgs: [workspace, "--disable-workspace-trust"],
    extensionTestsEnv: {
      TEST_RESULT_FILE: resultFile,
      XDG_DATA_HOME: join(scratch, "data"),
      TEST_OTHER_MODEL: otherModel,
    },
  });
} catch (error) {
  failure = error;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

// An extension host that died counts as success for VS Code, so the results themselves must be there.
if (!existsSync(resultFile)) {
  console.error(`The suites wrote no results: the extension host died or never ran them. ${failure ?? ""}`);
  process.exit(1);
}
const { passed, failed, skipped, notes } = JSON.parse(readFileSync(resultFile, "utf8"));
for (const note of notes) console.log(`  ${note}`);
for (const { title } of passed) console.log(`  passed   ${title}`);
for (const title of skipped) console.log(`  skipped  ${title}`);
for (const { title, error } of failed) console.error(`  failed   ${title}\n${error}`);
console.log(`integration: ${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`);
process.exit(failed.length === 0 && passed.length > 0 && failure === undefined ? 0 : 1);
