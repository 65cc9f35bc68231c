import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const MAIN = resolve(import.meta.dirname, "../../../src/cli/main.ts");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-model-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lookalike(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: "utf8" });
}

const build = (out: string, descriptors: string, ...more: string[]) =>
  lookalike("model", "build", "--backbone", "mobilenetv2", "--descriptors", descriptors, "--out", out, ...more);

test("builds a model, and info tells what it is made of", () => {
  const built = build("new/m.onnx", "MG+RMAC", "--p", "4", "--name", "first");
  expect(built.stderr).toBe("");
  expect(built.status).toBe(0);
  const shown = lookalike("model", "info", "new/m.onnx", "--json");
  expect(shown.status).toBe(0);
  const info = JSON.parse(shown.stdout);
  const bytes = readFileSync(join(folder, "new", "m.onnx"));
  const { channels, name: tap } = info.backbone.taps[0];
  expect(info).toMatchObject({
    file: "new/m.onnx",
    size: bytes.length,
    fingerprint: createHash("sha256").update(bytes).digest("hex"),
    name: "first",
    backbone: { name: "mobilenetv2-1.4", lastDownsampling: "kept" },
    descriptors: [
      { name: "mac", kind: "MAC", dim: channels, tap: 0 },
      { name: "gem", kind: "GeM", dim: channels, tap: 0, p: 4 },
      { name: "rmac", kind: "RMAC", dim: channels, tap: 0, levels: 3 },
    ],
    dims: { mac: channels, gem: channels, rmac: channels, combined: 3 * channels },
    input: { width: 224, height: 224 },
    weights: { licence: "MIT" },
    training: null,
  });
  expect(lookalike("model", "info", "new/m.onnx").stdout).toBe(built.stdout);
  expect(built.stdout).toContain(`GeM, p 4, on ${tap}, no FC, ${channels} values`);
  // Nothing is left of what was written aside.
  expect(readdirSync(join(folder, "new"))).toEqual(["m.onnx"]);
});

test("the same command gives the same file, with attention and an exponent per channel too", () => {
  const [a, b] = ["a.onnx", "b.onnx"].map((out) => {
    const { status, stdout } = build(out, "G+WGEM", "--attention", "cbam", "--p-per-channel", "--json");
    expect(status).toBe(0);
    return JSON.parse(stdout);
  });
  expect(a.fingerprint).toBe(b.fingerprint);
  expect(a.name).toBe("mobilenetv2-g+wgem");
  expect(a.descriptors).toMatchObject([
    { kind: "GeM", p: { min: 3, mean: 3, max: 3 }, attention: "CBAM" },
    { kind: "wGeM", p: { min: 3, mean: 3, max: 3 }, attention: "CBAM" },
  ]);
});

test("each descriptor can have a tap of its own", () => {
  const taps = "block_13_expand,conv_1,block_13_expand";
  const { status, stdout } = build("taps.onnx", "SMG", "--taps", taps, "--last-downsampling", "removed", "--json");
  expect(status).toBe(0);
  const { descriptors, backbone } = JSON.parse(stdout);
  expect(descriptors.map(({ tap, dim }: { tap: number; dim: number }) => [tap, dim])).toEqual([
    [0, 816],
    [1, 1792],
    [0, 816],
  ]);
  expect(backbone).toMatchObject({ lastDownsampling: "removed", taps: [{ height: 14 }, { height: 14 }] });
});

test.each([
  ["an unknown backbone", ["--backbone", "vgg"], 'There is no backbone "vgg". Known: mobilenetv2'],
  ["an unknown descriptor", ["--descriptors", "SQ"], '"Q" stands for no descriptor (in "SQ"). Use the letters S'],
  ["nine descriptors", ["--descriptors", "SMGSMGSMG"], "A model has one to eight descriptors."],
  ["an unknown attention", ["--attention", "eca"], "Allowed choices are se, cbam."],
  ["p of zero", ["--p", "0"], "Not a number above 0."],
  ["p without GeM", ["--descriptors", "SM", "--p", "4"], 'p belongs to GeM and wGeM, and "SM" has neither'],
  ["an empty name", ["--name", ""], "A model needs a name."],
  ["an unknown tap", ["--taps", "layer4"], 'mobilenetv2 has no tap "layer4". Known: block_13_expand,'],
  ["two taps for three", ["--taps", "conv_1,block_13_expand"], "2 taps for 3 descriptors."],
  ["a ResNet without weights", ["--backbone", "resnet18"], "resnet18 needs weights"],
])("refuses %s with a sentence, and writes nothing", (_, change, message) => {
  const { status, stderr } = build("refused.onnx", "SMG", ...change);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(status).toBe(1);
  expect(readdirSync(folder)).not.toContain("refused.onnx");
});

test("a file that cannot be written is named, with the reason, and what was there stays", () => {
  mkdirSync(join(folder, "taken.onnx", "inside"), { recursive: true });
  const taken = build("taken.onnx", "S");
  expect(taken.stderr).toContain("taken.onnx cannot be written: a folder has that name");
  expect(taken.status).toBe(1);
  expect(statSync(join(folder, "taken.onnx", "inside")).isDirectory()).toBe(true);

  writeFileSync(join(folder, "plain"), "text");
  const below = build("plain/m.onnx", "S");
  expect(below.stderr).toContain("a part of its path is a file where a folder should be");
  expect(readFileSync(join(folder, "plain"), "utf8")).toBe("text");
  expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test.each([
  ["a missing file", "missing.onnx", "missing.onnx cannot be read: there is no such file."],
  ["a folder", ".", ". cannot be read: it is a folder."],
  ["a text file", "text.onnx", "text.onnx is not an ONNX file"],
])("info of %s says so", (_, file, message) => {
  writeFileSync(join(folder, "text.onnx"), "this is a text file that someone renamed");
  const { status, stderr, stdout } = lookalike("model", "info", file);
  expect(stderr.trim()).toContain(message);
  expect(stdout).toBe("");
  expect(status).toBe(1);
});
