import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { registerTrainCommand } from "../../../src/cli/train/index.ts";
import { readManifest } from "../../../src/core/model/index.ts";
import { PYTHON, whyNoTorch } from "../../fixtures/torch/torch.ts";
import { writeConvModel } from "../../fixtures/trainableModels.ts";
import { drawClasses } from "./drawClasses.ts";

const missing = whyNoTorch();
if (missing !== undefined) console.log(`Skipped: trainings elsewhere; ${missing}.`);

let root: string;
let images: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-elsewhere-"));
  images = join(root, "images");
  await drawClasses(images, 8, 4);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

/** Runs `lookalike train`. @returns its last line */
async function lookalike(...args: readonly string[]): Promise<Record<string, unknown>> {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line) => void lines.push(String(line)));
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const program = new Command("lookalike").exitOverride().configureOutput({ writeErr: () => undefined });
  registerTrainCommand(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
  const given = [images, "--out", join(root, "mine.onnx"), "--device", "cpu", "--json", ...args];
  await program.parseAsync(["train", ...given], { from: "user" });
  return JSON.parse(lines.at(-1)!);
}

test.skipIf(missing !== undefined)(
  "a folder is written, trained by its own copy of the engine, and imported",
  async () => {
    const job = join(root, "job");
    const model = writeConvModel(join(root, "conv.onnx"));
    const small = ["--descriptors", "SG", "--input-size", "32", "--resize", "36", "--classes-per-batch", "2"];
    const told = await lookalike("--preset", "authors", "--steps", "6", "--model", model, ...small, "--elsewhere", job);
    expect(told).toMatchObject({ type: "prepared", folder: job });
    expect(readdirSync(job)).toEqual(expect.arrayContaining(["README.md", "job", "run.json", "slurm.sh", "trainer"]));
    expect(readdirSync(join(job, "trainer"))).not.toContain("tests");
    const { options } = JSON.parse(readFileSync(join(job, "run.json"), "utf8"));
    // Of the preset, but for what was given.
    expect(options).toMatchObject({
      batchNorm: "batch",
      decaySteps: [400, 800],
      steps: 6,
      inputSize: 32,
      engine: "torch",
    });
    await expect(lookalike("--elsewhere", job)).rejects.toThrow(/is not empty/);
    await expect(lookalike("--import", job)).rejects.toThrow(/The weights are not there yet.*result\.safetensors/);

    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
    const args = ["trainer/train.py", "job", "--device", "cpu"];
    const { status, stderr } = spawnSync(PYTHON, args, { cwd: job, encoding: "utf8", env });
    expect(stderr).toBe("");
    expect(status).toBe(0);

    const result = await lookalike("--import", job);
    expect(result).toMatchObject({ model: join(root, "mine.onnx"), stopped: false });
    expect(readManifest(readFileSync(join(root, "mine.onnx")), "mine.onnx")).toMatchObject({
      name: "mine",
      training: { method: "trained end to end" },
    });
    // What came back stays its owner's.
    expect(existsSync(join(job, "job", "result.safetensors"))).toBe(true);

    // What was trained is not thrown away because images came meanwhile.
    const added = readdirSync(images).map((name) => join(images, name, "added.png"));
    for (const file of added) copyFileSync(join(file, "..", "0.png"), file);
    const before = readFileSync(join(job, "job", "result.safetensors"));
    await expect(lookalike("--import", job)).rejects.toThrow(/was prepared from other images than are there now/);
    expect(readFileSync(join(job, "job", "result.safetensors"))).toEqual(before);
    for (const file of added) rmSync(file);

    copyFileSync(join(job, "job", "start.safetensors"), join(job, "job", "result.safetensors"));
    await expect(lookalike("--import", job)).rejects.toThrow(/The weights are not there yet/);
  },
);

test("a training of the built-in engine is not imported", async () => {
  await expect(lookalike("--import", root, "--resume", root)).rejects.toThrow(/one of --resume, --elsewhere/);
});
