/** A result that goes to a file on a full disk: `lookalike ... --json > file` says so, and is no success. */
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";

const MAIN = resolve(import.meta.dirname, "../../../src/cli/main.ts");
const data = mkdtempSync(join(tmpdir(), "lookalike-output-"));
afterAll(() => rmSync(data, { recursive: true, force: true }));

function list(stdout: number | "pipe") {
  const stdio = ["ignore", stdout, "pipe"] as const;
  const env = { ...process.env, XDG_DATA_HOME: data };
  return spawnSync(process.execPath, [MAIN, "model", "list"], { encoding: "utf8", stdio: [...stdio], env });
}

test("a result that a full disk does not take is told, and the exit code says so", (context) => {
  if (!existsSync("/dev/full")) return context.skip("there is no /dev/full here");
  const full = openSync("/dev/full", "w");
  const { status, stderr } = list(full);
  closeSync(full);
  expect([status, stderr]).toEqual([1, "The result could not be written: the disk is full. Free some space.\n"]);
});

test("a result that is read is whole", () => {
  const { status, stdout, stderr } = list("pipe");
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("mobilenetv2-smg");
});
