import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../../scripts/lib/paths.mjs";
import { PYTHON, TRAINER, whyNoTorch } from "../../fixtures/torch/torch.ts";

/** Debian's, with the package mypy. */
const MYPY = "/usr/bin/mypy";

/** A package of Python that Debian 12 lacks. */
const RUFF = "ruff";

const noTorch = whyNoTorch();
const noMypy = spawnSync(MYPY, ["--version"]).error?.message;
if (noTorch !== undefined) console.log(`Skipped: the tests of the torch engine; ${noTorch}.`);
if (noMypy !== undefined)
  console.log(`Skipped: the types of the torch engine; ${noMypy}. On Debian: apt-get install mypy`);
const noRuff = spawnSync(RUFF, ["--version"]).error?.message;
if (noRuff !== undefined) console.log(`Skipped: the look of the torch engine; ${noRuff}. By pip: pip install ruff`);

function run(command: string, ...args: readonly string[]) {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: TRAINER, encoding: "utf8", env });
  return { status, told: stdout + stderr };
}

test.skipIf(noTorch !== undefined)(
  "its own tests pass: losses, two ranks that mine across, killed and gone on with, half precision",
  () => {
    const { status, told } = run(PYTHON, "-m", "unittest", "discover", "-s", "tests", "-t", ".");
    expect(told).toMatch(/\nOK\s*$/);
    expect(status).toBe(0);
  },
  300_000,
);

test.skipIf(noTorch !== undefined || noMypy !== undefined)(
  "its types hold under mypy --strict",
  () => {
    const { told } = run(MYPY, "--cache-dir", join(ROOT, ".cache", "mypy"));
    expect(told).toMatch(/Success: no issues found/);
  },
  300_000,
);

test.skipIf(noRuff !== undefined)("ruff finds nothing in it, and would write nothing otherwise", () => {
  expect(run(RUFF, "check", "--no-cache").told).toMatch(/All checks passed/);
  expect(run(RUFF, "format", "--no-cache", "--check").status).toBe(0);
});
