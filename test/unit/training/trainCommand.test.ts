import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { registerTrainCommand } from "../../../src/cli/train/index.ts";
import { readManifest } from "../../../src/core/model/index.ts";
import type { TrainingEvent } from "../../../src/shared/index.ts";
import { ensureEmoji } from "../../fixtures/emoji.ts";
import { drawClasses, writeGridModel } from "./support.ts";

let root: string;
let out: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-train-"));
  out = join(root, "mine.onnx");
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(root, { recursive: true, force: true });
});

/** Runs `lookalike train`. @param at called with each line on stdout */
async function lookalike(args: readonly string[], at: (line: string) => void = () => {}) {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line) => {
    lines.push(String(line));
    at(String(line));
  });
  const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const program = new Command("lookalike").exitOverride().configureOutput({ writeErr: () => undefined });
  registerTrainCommand(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(["train", ...args], { from: "user" });
  return { lines, err: error.mock.calls.map(String).join("\n") };
}

test("a head on real drawings: events as lines, the result last, and the model finds more than before", async () => {
  const { folder } = await ensureEmoji({ classes: 24 });
  const given = ["--model", ensureDefaultModel(), "--device", "cpu", "--epochs", "4", "--json"];
  const { lines } = await lookalike([folder, "--out", out, ...given]);
  const result = JSON.parse(lines.at(-1)!);
  expect(result).toMatchObject({ model: out, stopped: false });
  for (const scores of [result.baseline, result.trained]) {
    expect(Object.keys(scores)).toEqual(["spoc", "mac", "gem", "combined"]);
  }
  expect(result.trained.combined["recall@1"]).toBeGreaterThan(result.baseline.combined["recall@1"]);
  const events = lines.slice(0, -1).map((line) => JSON.parse(line) as TrainingEvent);
  expect(events.find(({ type }) => type === "data")).toMatchObject({ data: { trainClasses: 12, testClasses: 12 } });
  const manifest = readManifest(readFileSync(out), out);
  expect(manifest).toMatchObject({ name: "mine", training: { losses: ["triplet", "softmax"] } });
  // Nothing of the run stays.
  expect(readdirSync(root)).toEqual(["mine.onnx"]);
});

async function drawn(): Promise<string[]> {
  await drawClasses(join(root, "images"), 8, 4);
  const model = writeGridModel(join(root, "grid.onnx"));
  return [join(root, "images"), "--out", out, "--model", model, "--device", "cpu"];
}

test("Ctrl-C keeps the best so far", async () => {
  const args = [...(await drawn()), "--epochs", "100000", "--json"];
  let steps = 0;
  const { lines, err } = await lookalike(args, (line) => {
    if (line.includes('"type":"step"') && ++steps === 3) process.emit("SIGINT");
  });
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ stopped: true, model: out });
  expect(err).toContain("Press Ctrl-C again");
  expect(existsSync(out)).toBe(true);
});

test("for people: a table, and a word where nothing was gained", async () => {
  const { lines, err } = await lookalike([...(await drawn()), "--epochs", "1"]);
  expect(lines.join("\n")).toMatch(/^Recall@1 +before +trained$/m);
  expect(lines.join("\n")).toMatch(/^combined +[\d.]+ % +[\d.]+ %$/m);
  expect(err).toContain("16 images of 4 classes to train on, 16 of 4 held out");
});

test("bad input leaves nothing behind", async () => {
  const args = await drawn();
  await expect(lookalike([...args, "--test-share", "0"])).rejects.toThrow("no class with two images for the test");
  await expect(lookalike([...args, "--mode", "best"])).rejects.toThrow("Allowed choices are whiten, head, full");
  await expect(lookalike([...args, "--resume", join(root, "nothing")])).rejects.toThrow("There is no training in");
  expect(readdirSync(root).sort()).toEqual(["grid.onnx", "images"]);
});
