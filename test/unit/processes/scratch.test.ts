import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeScratch } from "../../../src/core/files/index.ts";
import { ModelShelf } from "../../../src/core/models/index.ts";
import { startEngine } from "../../fixtures/engineProcess.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

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

test("an engine removes at its start what a killed one left behind, and a model that is being written stays", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const dead = join(root, `lookalike-scratch-${hostname().replace(/[^\w-]+/g, "_")}-${pid}-abcdef`);
  mkdirSync(dead);
  const models = join(root, "data", "lookalike", "models");
  mkdirSync(models, { recursive: true });
  const [old, written, mine] = ["a.onnx.0a1b2c3d.part", "b.onnx.0a1b2c3d.part", "c.part"].map((name) =>
    join(models, name),
  );
  for (const file of [old!, written!, mine!]) writeFileSync(file, "x");
  for (const file of [old!, mine!]) utimesSync(file, 1, 1);
  writeFileSync(join(root, "tiny.onnx"), tinyModel("tiny"));
  if (process.platform !== "linux") await new ModelShelf(join(root, "tiny.onnx"), models).sweep();
  else {
    const engine = startEngine(join(root, "tiny.onnx"), join(root, "data"));
    try {
      await engine.ask("models/list", {});
      await expect.poll(() => existsSync(dead), { timeout: 20_000 }).toBe(false);
      await expect.poll(() => existsSync(old!), { timeout: 20_000 }).toBe(false);
    } finally {
      engine.kill();
    }
  }
  expect(readdirSync(models).filter((name) => name.endsWith(".part"))).toEqual(["b.onnx.0a1b2c3d.part", "c.part"]);
});
