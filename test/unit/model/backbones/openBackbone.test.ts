import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BackboneOptions, openBackbone } from "../../../../src/core/model/backbones/index.ts";
import { buildModel, ModelError, parseDescriptors, readManifest } from "../../../../src/core/model/index.ts";
import { encodeSafetensors, type FloatTensor, Safetensors } from "../../../../src/core/model/safetensors.ts";
import { encodeWeightsOrigin, originFile } from "../../../../src/core/model/weightsOrigin.ts";

const folder = mkdtempSync(join(tmpdir(), "lookalike-backbone-"));
const sound = join(folder, "resnet18.safetensors");
let bytes: Uint8Array;

beforeAll(() => {
  bytes = encodeSafetensors(resnet18());
  writeFileSync(sound, bytes);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** ResNet-18 in torchvision's names: every convolution 0, every batch norm the identity but for its epsilon. */
function resnet18(): Map<string, FloatTensor> {
  const tensors = new Map<string, FloatTensor>();
  const add = (name: string, shape: readonly number[], value: number) =>
    tensors.set(name, { shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value) });
  const conv = (name: string, norm: string, shape: readonly number[]) => {
    add(`${name}.weight`, shape, 0);
    for (const of of ["weight", "running_var"]) add(`${norm}.${of}`, [shape[0]!], 1);
    for (const of of ["bias", "running_mean"]) add(`${norm}.${of}`, [shape[0]!], 0);
    add(`${norm}.num_batches_tracked`, [], 0);
  };
  conv("conv1", "bn1", [64, 3, 7, 7]);
  for (const [i, width] of [64, 128, 256, 512].entries()) {
    const before = i === 0 ? 64 : width / 2;
    for (const b of [0, 1]) {
      const block = `layer${i + 1}.${b}`;
      conv(`${block}.conv1`, `${block}.bn1`, [width, b === 0 ? before : width, 3, 3]);
      conv(`${block}.conv2`, `${block}.bn2`, [width, width, 3, 3]);
      if (b === 0 && i > 0) conv(`${block}.downsample.0`, `${block}.downsample.1`, [width, before, 1, 1]);
    }
  }
  add("fc.weight", [1000, 512], 0);
  add("fc.bias", [1000], 0);
  return tensors;
}

/** The sound file after a change. */
function changed(name: string, change: (tensors: Map<string, FloatTensor>) => void): string {
  const tensors = resnet18();
  change(tensors);
  const file = join(folder, name);
  writeFileSync(file, encodeSafetensors(tensors));
  return file;
}

const open = (weights: string, options: BackboneOptions = {}) => openBackbone("resnet18", { weights, ...options });

test("what the manifest says of a backbone with defaults, and of its origin", () => {
  const { backbone, weights, inputSize } = open(sound);
  expect(inputSize).toBe(224);
  expect(backbone).toEqual({
    name: "resnet18",
    lastDownsampling: "kept",
    taps: [{ name: "layer4", channels: 512, height: 7, width: 7 }],
  });
  const { sha256 } = new Safetensors(bytes, sound);
  expect(weights).toEqual({ source: "resnet18.safetensors", version: `sha256 ${sha256}`, licence: "unknown" });

  const origin = { source: "hub someone/resnet18, model.safetensors", version: "0123abc", licence: "apache-2.0" };
  writeFileSync(originFile(sound), encodeWeightsOrigin(origin, sha256));
  expect(open(sound).weights).toEqual(origin);
  const model = buildModel({ name: "m", backbone: open(sound), branches: parseDescriptors("S") });
  expect(readManifest(model, "m.onnx").weights).toEqual(origin);
  // A record of another file, or one that is no record, is not believed.
  writeFileSync(originFile(sound), encodeWeightsOrigin(origin, "f".repeat(64)));
  expect(open(sound).weights.licence).toBe("unknown");
  writeFileSync(originFile(sound), "licence: apache-2.0");
  expect(open(sound).weights.licence).toBe("unknown");
});

test("taps come in the order asked for; removing the last downsampling gives 14 x 14 at 224", () => {
  const { backbone } = open(sound, { lastDownsampling: "removed", taps: ["layer4", "layer2"] });
  expect(backbone.taps.map(({ name, channels, height }) => [name, channels, height])).toEqual([
    ["layer4", 512, 14],
    ["layer2", 128, 28],
  ]);
});

test("layers after the last tap are not written", () => {
  const size = (taps: string[]) =>
    buildModel({ name: "m", backbone: open(sound, { taps }), branches: [{ kind: "MAC" }] }).length;
  expect(size(["layer2"])).toBeLessThan(size(["layer4"]) / 10);
});

test("missing and extra tensors and other shapes are named", () => {
  const one = changed("missing.safetensors", (tensors) => tensors.delete("layer3.1.bn2.running_var"));
  expect(() => open(one)).toThrow(
    `${one} looks like resnet18, but these tensors are missing: layer3.1.bn2.running_var.`,
  );
  const many = changed("many.safetensors", (tensors) => {
    for (const name of [...tensors.keys()])
      if (name.startsWith("layer1.0.") && name.includes(".bn")) tensors.delete(name);
    tensors.delete("conv1.weight");
    tensors.set("layer9.more.weight", { shape: [1], values: new Float32Array(1) });
  });
  expect(() => open(many)).toThrow(
    /missing: conv1\.weight, layer1\.0\.bn1\.weight, .* and 4 more; .*belong to it: layer9\.more\.weight\./,
  );
  const wide = changed("wide.safetensors", (tensors) =>
    tensors.set("layer2.0.bn1.bias", { shape: [129], values: new Float32Array(129) }),
  );
  expect(() => open(wide)).toThrow("layer2.0.bn1.bias has the shape [129] instead of [128]");
});

test("other networks are told apart", () => {
  const cases: [string, (tensors: Map<string, FloatTensor>) => void, string][] = [
    ["legacy", (t) => t.set("layer0.conv1.weight", t.get("conv1.weight")!), "take timm's seresnet50"],
    ["deep", (t) => t.set("conv1.0.weight", t.get("conv1.weight")!), "deep stem"],
    ["long", (t) => t.set("layer3.2.conv1.weight", t.get("bn1.bias")!), "a ResNet of 2, 2, 3, 2 basic blocks"],
    ["se", (t) => t.set("layer1.0.se.fc1.weight", t.get("bn1.bias")!), "basic blocks with squeeze-and-excitation"],
  ];
  for (const [name, change, message] of cases) expect(() => open(changed(name, change))).toThrow(message);
  const other = join(folder, "other.safetensors");
  writeFileSync(other, encodeSafetensors(new Map([["wte.weight", { shape: [1], values: new Float32Array(1) }]])));
  expect(() => open(other)).toThrow(`${other} holds no ResNet; backbones that can be read are resnet18,`);
  expect(() => openBackbone("resnet50", { weights: sound })).toThrow(`${sound} holds resnet18, not resnet50`);
});

test("weights that are no numbers are refused when the graph is written", () => {
  const nan = changed("nan.safetensors", (t) => t.get("layer2.1.conv1.weight")!.values.fill(Number.NaN));
  const build = (file: string) => buildModel({ name: "m", backbone: open(file), branches: parseDescriptors("S") });
  expect(() => build(nan)).toThrow(`${nan} has values in layer2.1.conv1 or layer2.1.bn1 that are no finite numbers`);
  const negative = changed("negative.safetensors", (t) => t.get("bn1.running_var")!.values.fill(-1));
  expect(() => build(negative)).toThrow("in conv1 or bn1");
});

test("options that cannot be are refused", () => {
  expect(() => open(sound, { taps: ["layer9"] })).toThrow(
    "resnet18 has no tap layer9; its taps are layer2, layer3, layer4.",
  );
  expect(() => open(sound, { taps: [] })).toThrow("needs a tap");
  expect(() => open(sound, { taps: ["layer4", "layer4"] })).toThrow("once");
  expect(() => openBackbone("vgg16")).toThrow('There is no backbone "vgg16". Known: mobilenetv2, resnet18,');
  expect(() => openBackbone("resnet18")).toThrow("resnet18 needs weights");
  expect(() => open(join(folder, "none"))).toThrow(ModelError);
});

test("mobilenetv2 has several taps, and its last downsampling can be removed", async () => {
  const source = openBackbone("mobilenetv2", { taps: ["conv_1", "block_13_expand"], lastDownsampling: "removed" });
  expect(source.backbone).toEqual({
    name: "mobilenetv2-1.4",
    lastDownsampling: "removed",
    taps: [
      { name: "conv_1", channels: 1792, height: 14, width: 14 },
      { name: "block_13_expand", channels: 816, height: 14, width: 14 },
    ],
  });
  const branches = [{ kind: "SPoC", tap: 0 } as const, { kind: "MAC", tap: 1 } as const];
  const session = await InferenceSession.create(buildModel({ name: "removed", backbone: source, branches }));
  const image = new Tensor("uint8", new Uint8Array(224 * 224 * 3).fill(90), [1, 224, 224, 3]);
  const outputs = await session.run({ image }, ["features_0", "features_1"]);
  expect(outputs["features_0"]!.dims).toEqual([1, 1792, 14, 14]);
  expect(outputs["features_1"]!.dims).toEqual([1, 816, 14, 14]);
  await session.release();
});

test("mobilenetv2 refuses what it does not have", () => {
  const refused: [BackboneOptions, string][] = [
    [{ weights: sound }, "brings its weights along"],
    [{ taps: ["layer4"] }, 'has no tap "layer4". Known: block_13_expand,'],
    [{ inputSize: 64 }, "224 pixels"],
  ];
  for (const [options, message] of refused) expect(() => openBackbone("mobilenetv2", options)).toThrow(message);
});
