import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { registerTrainCommand } from "../../../src/cli/train/index.ts";
import { readManifest } from "../../../src/core/model/index.ts";
import { RUN_FILES, TRAINING_DEFAULTS, type TrainingEvent } from "../../../src/shared/index.ts";
import { ensureEmoji } from "../../fixtures/emoji.ts";
import { writeConvModel, writeGridModel } from "../../fixtures/trainableModels.ts";
import { drawClasses } from "./drawClasses.ts";

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
  const { folder } = await ensureEmoji({ classes: 36 });
  const given = ["--model", ensureDefaultModel(), "--device", "cpu", "--epochs", "4", "--json"];
  const { lines } = await lookalike([folder, "--out", out, ...given]);
  const result = JSON.parse(lines.at(-1)!);
  expect(result).toMatchObject({ model: out, stopped: false });
  for (const scores of [result.baseline, result.trained]) {
    expect(Object.keys(scores)).toEqual(["spoc", "mac", "gem", "combined"]);
  }
  expect(result.trained.combined["recall@1"]).toBeGreaterThan(result.baseline.combined["recall@1"]);
  const events = lines.slice(0, -1).map((line) => JSON.parse(line) as TrainingEvent);
  expect(events.find(({ type }) => type === "data")).toMatchObject({ data: { trainClasses: 18, testClasses: 18 } });
  const manifest = readManifest(readFileSync(out), out);
  expect(manifest).toMatchObject({ name: "mine", training: { losses: ["triplet", "softmax"] } });
  // Nothing of the run stays.
  expect(readdirSync(root)).toEqual(["mine.onnx"]);
}, 120_000);

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
  expect(lines.join("\n")).toMatch(/^combined +[\d.]+ % \(\d+ to \d+\) +[\d.]+ % \(\d+ to \d+\)$/m);
  expect(err).toContain("16 images of 4 classes to train on, 16 of 4 held out");
});

test("the choices of a training end to end reach its model", async () => {
  const [folder = "", ...args] = await drawn();
  const model = writeConvModel(join(root, "conv.onnx"));
  const full = ["--mode", "full", "--input-size", "40", "--epochs", "1", "--images-per-class", "2"];
  const paper = ["--last-downsampling", "removed", "--batch-norm", "batch", "--ranking", "contrastive"];
  const given = [folder, ...args, "--model", model, ...full, "--json"];
  const steps = ({ lines }: Awaited<ReturnType<typeof lookalike>>) =>
    lines.flatMap((line) => {
      const event = JSON.parse(line) as TrainingEvent;
      return event.type === "step" ? [event.rankingLoss] : [];
    });
  const usual = await lookalike([...given, ...paper]);
  expect(usual.lines.some((line) => line.includes('{"type":"device","work":"training","used":"cpu"'))).toBe(true);
  const { backbone, input } = readManifest(readFileSync(out), out);
  expect([backbone.lastDownsampling, input.width]).toEqual(["removed", 40]);
  const wide = await lookalike([...given, ...paper, "--margin", "1"]);
  // Contrastive pushes apart whatever is nearer than the margin, half a unit where none is given.
  expect(steps(wide)[0]).toBeGreaterThan(steps(usual)[0]!);
  expect(steps(await lookalike([...given, ...paper, "--margin", "0.5"]))).toEqual(steps(usual));
  expect(steps(await lookalike([...given, ...paper, "--batch-norm", "frozen"]))).not.toEqual(steps(usual));
  await expect(lookalike([...given, "--last-downsampling", "some"])).rejects.toThrow("kept, removed");
  await expect(lookalike([...given, "--margin", "0"])).rejects.toThrow("Not a number above 0");
});

test("classes are those of the column that is named", async () => {
  const [folder = "", ...args] = await drawn();
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".png"));
  const rows = names.map((name) => `${name},all,x${Number(/\d+/.exec(name)) % 4}`);
  const file = join(root, "kinds.csv");
  writeFileSync(file, ["path,label,kind", ...rows].join("\n"));
  const given = [folder, ...args, "--labels", file, "--epochs", "1"];
  await expect(lookalike(given)).rejects.toThrow("of one class");
  const { err } = await lookalike([...given, "--column", "kind"]);
  expect(err).toContain("16 images of 2 classes to train on, 16 of 2 held out");
  await expect(lookalike([folder, ...args, "--column", "kind"])).rejects.toThrow("give --labels <file> as well");
});

test("bad input leaves nothing behind", async () => {
  const args = await drawn();
  await expect(lookalike([...args, "--test-share", "0"])).rejects.toThrow("no class with two images for the test");
  await expect(lookalike([...args, "--mode", "best"])).rejects.toThrow("Allowed choices are whiten, head, full");
  await expect(lookalike([...args, "--resume", join(root, "nothing")])).rejects.toThrow("There is no training in");
  expect(readdirSync(root).sort()).toEqual(["grid.onnx", "images"]);
  mkdirSync(`${out}.run`);
  writeFileSync(join(`${out}.run`, RUN_FILES.info), "{}");
  await expect(lookalike(args)).rejects.toThrow(`Go on with --resume "${out}.run"`);
});

test("a run that was killed before it had begun is begun anew; a folder with anything else is left alone", async () => {
  const args = [...(await drawn()), "--epochs", "1"];
  const run = `${out}.run`;
  mkdirSync(run);
  writeFileSync(join(run, "holiday.txt"), "mine");
  await expect(lookalike(args)).rejects.toThrow("or delete that folder");
  rmSync(join(run, "holiday.txt"));
  writeFileSync(join(run, RUN_FILES.sign), JSON.stringify({ pid: 2 ** 30, time: Date.now() }));
  writeFileSync(join(run, `${RUN_FILES.info}.0a1b2c3d.part`), "{");
  await lookalike(args);
  expect([existsSync(out), existsSync(run)]).toEqual([true, false]);
});

test.skipIf(process.platform === "win32")("a run of others does not say which program takes its steps", async () => {
  const run = join(root, "theirs");
  mkdirSync(run);
  const program = join(run, "python");
  writeFileSync(program, `#!/bin/sh\ntouch "${join(root, "ran")}"\necho '{"version": "2.1.0", "gpus": 0}'\n`, {
    mode: 0o755,
  });
  const options = { ...TRAINING_DEFAULTS, folder: join(root, "gone"), engine: "torch", python: program };
  const info = { format: 1, options, name: "theirs", started: new Date(0).toISOString() };
  writeFileSync(join(run, RUN_FILES.info), JSON.stringify(info));
  const resumed = (...more: string[]) => lookalike([options.folder, "--out", out, "--resume", run, ...more]);
  await expect(resumed()).rejects.toThrow();
  expect(existsSync(join(root, "ran"))).toBe(false);
  // Whoever goes on with it does.
  await expect(resumed("--python", program)).rejects.toThrow();
  expect(existsSync(join(root, "ran"))).toBe(true);
});
