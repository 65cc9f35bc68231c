import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeScratch } from "../../../src/core/files/index.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-sweep-"));
  for (const name of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(name, root);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

test("what a process left behind goes with the next one, and nothing else does", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const here = hostname().replace(/[^\w-]+/g, "_");
  const dead = `lookalike-scratch-${here}-${pid}-abcdef`;
  const others = [
    `lookalike-scratch-${here}-${process.pid}-abcdef`,
    `lookalike-scratch-elsewhere-${pid}-abcdef`,
    `lookalike-scratch-${here}-${pid}-abcdef-notes`,
    "photos",
  ];
  for (const name of [dead, ...others]) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, "model.onnx"), "");
  }
  const mine = await makeScratch();
  expect(existsSync(join(root, dead))).toBe(false);
  expect(readdirSync(root).sort()).toEqual([...others, mine.slice(root.length + 1)].sort());
});
