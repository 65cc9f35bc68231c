import { readFileSync } from "node:fs";
import { Command } from "commander";
import { afterEach, expect, test, vi } from "vitest";
import { registerImportCommand } from "../../../src/cli/model/importCommand.ts";
import { readManifest } from "../../../src/core/model/index.ts";
import * as net from "../model/import/networks.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs `lookalike model import` with these arguments. @returns what it printed */
async function lookalike(...args: string[]): Promise<{ out: string; err: string }> {
  vi.restoreAllMocks();
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const model = new Command("model").exitOverride().configureOutput({ writeErr: () => undefined });
  registerImportCommand(model);
  for (const command of model.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await model.parseAsync(["import", ...args], { from: "user" });
  return { out: log.mock.calls.join("\n"), err: error.mock.calls.join("\n") };
}

test("--list prints the maps with their shapes and marks the chosen one", async () => {
  const file = net.write(net.classifier());
  const { out } = await lookalike(file, "--list");
  expect(out).toMatch(/^\* \[6, 4, 4\] +Relu +map$/m);
  expect(out).toMatch(/^ {2}\[4, 8, 8\] +Relu, first layer +early$/m);
  expect(out).toContain("input input: 16 x 16, NCHW float32; preprocessing probably imagenet");
  const json = JSON.parse((await lookalike(file, "--list", "--json")).out);
  expect(json.chosen).toMatchObject({ tensor: "map", channels: 6, height: 4, width: 4 });
});

test("options reach the model", async () => {
  const [file, out] = [net.write(net.classifier(["N", 3, "h", "w"])), net.path()];
  const options =
    "--descriptors GS --map early --preprocess 0..1 --bgr --size 32 --name mine --licence CC0 --json".split(" ");
  const printed = await lookalike(file, "--out", out, ...options);
  const report = JSON.parse(printed.out);
  const manifest = readManifest(readFileSync(out), out);
  expect(report.manifest).toEqual(JSON.parse(JSON.stringify(manifest)));
  expect(report.bytes).toBe(readFileSync(out).length);
  expect(manifest).toMatchObject({ name: "mine", input: { width: 32, height: 32 }, weights: { licence: "CC0" } });
  expect(manifest.descriptors.map(({ kind }) => kind)).toEqual(["GeM", "SPoC"]);
  expect(manifest.backbone.taps[0]).toMatchObject({ name: "early", height: 16, width: 16 });
  expect(report.preprocessing).toEqual({ name: "0..1", mean: [0, 0, 0], std: [255, 255, 255], order: "bgr" });
  expect(printed.err).toBe("");
});

test("a guessed preprocessing is warned of; figures are not", async () => {
  const file = net.write(net.classifier());
  const guessed = await lookalike(file, "--out", net.path(), "--bgr");
  expect(guessed.err).toMatch(/The preprocessing imagenet is a guess .* --preprocess/);
  expect(guessed.out).toMatch(/preprocessing imagenet, bgr\nchecked on 4 images/);
  const given = await lookalike(file, "--out", net.path(), "--mean", "104,117,123", "--std", "1,1,1");
  expect(given.err).toBe("");
  expect(given.out).toContain("preprocessing custom, rgb");
});

test.each([
  [["--out", "x.onnx", "--mean", "1,2"], /Three numbers/],
  [["--out", "x.onnx", "--mean", "1,,3"], /Three numbers/],
  [["--out", "x.onnx", "--mean", "0,0,0"], /belong together/],
  [["--out", "x.onnx", "--mean", "0,0,0", "--std", "1,1,1", "--preprocess", "0..1"], /not both/],
  [["--out", "x.onnx", "--size", "0"], /from 8 to 2048/],
  [["--out", "x.onnx", "--preprocess", "vgg"], /Allowed choices are imagenet/],
  [[], /Say where the model goes with --out/],
  [["--out", "x"], /ends in \.onnx, such as x\.onnx/],
])("refuses %j", async (args, message) => {
  await expect(lookalike(net.write(net.classifier()), ...args)).rejects.toThrow(message);
});
