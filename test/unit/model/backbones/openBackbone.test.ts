import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BackboneOptions, openBackbone } from "../../../../src/core/model/backbones/index.ts";
import { buildModel, ModelError, parseDescriptors, readManifest } from "../../../../src/core/model/index.ts";
import { encodeSafetensors, type FloatTensor, Safetensors } from "../../../../src/core/model/safetensors.ts";
import { encodeWeightsOrigin, originFile } from "../../../../src/core/model/weightsOrigin.ts";
import { resnet18 } from "../../../fixtures/resnet18.ts";

const folder = mkdtempSync(join(tmpdir(), "lookalike-backbone-"));
const sound = join(folder, "resnet18.safetensors");
let bytes: Uint8Array;

beforeAll(() => {
  bytes = encodeSafetensors(resnet18());
  writeFileSync(sound, bytes);
});
afterAll(() => rmSync(folder, { recursive: true }));

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

test("a prefix that the whole network shares is taken off, heads are left out, and both is told", () => {
  const plain = open(sound);
  const under = (name: string, prefix: string, more: readonly string[] = []) =>
    changed(name, (tensors) => {
      for (const [key, tensor] of [...tensors]) {
        tensors.delete(key);
        tensors.set(prefix + key, tensor);
      }
      for (const each of more) tensors.set(each, { shape: [2], values: new Float32Array(2) });
    });
  const graphOf = (file: string, notes: string[]) => {
    const backbone = open(file, { onNote: (text) => notes.push(text) });
    return buildModel({
      name: "m",
      backbone: { ...backbone, weights: plain.weights },
      branches: parseDescriptors("S"),
    });
  };
  const expected = buildModel({ name: "m", backbone: plain, branches: parseDescriptors("S") });
  for (const prefix of ["module.", "backbone.", "module.encoder."]) {
    const notes: string[] = [];
    expect(Buffer.from(graphOf(under("prefixed.safetensors", prefix), notes)).equals(expected)).toBe(true);
    expect(notes).toEqual([expect.stringContaining(`The prefix "${prefix}" was taken off`)]);
  }
  const notes: string[] = [];
  const heads = ["module.projector.0.weight", "module.projector.0.bias", "module.queue", "predictor.weight"];
  expect(Buffer.from(graphOf(under("heads.safetensors", "module.encoder.", heads), notes)).equals(expected)).toBe(true);
  expect(notes[1]).toMatch(/does not need it: projector \(2 tensors\), queue \(1 tensors\), predictor \(1 tensors\)/);
  // Without a prefix too.
  expect(() => open(under("bare.safetensors", "", ["projector.0.weight"]))).not.toThrow();
});

test("a prefix on a part of the network, two networks, and what nobody knows stay errors", () => {
  const half = changed("half.safetensors", (tensors) => {
    for (const [key, tensor] of [...tensors]) {
      if (!key.startsWith("layer4")) continue;
      tensors.delete(key);
      tensors.set(`module.${key}`, tensor);
    }
  });
  expect(() => open(half)).toThrow(ModelError);
  const other = changed("other.safetensors", (tensors) => {
    for (const [key, tensor] of [...tensors]) {
      if (key.startsWith("layer4")) continue;
      tensors.delete(key);
      tensors.set(`module.${key}`, tensor);
    }
  });
  expect(() => open(other)).toThrow(ModelError);
  const two = changed("two.safetensors", (tensors) => {
    for (const [key, tensor] of [...tensors]) {
      tensors.set(`encoder_q.${key}`, tensor);
      tensors.delete(key);
      tensors.set(`encoder_k.${key}`, tensor);
    }
  });
  expect(() => open(two)).toThrow(/holds several networks, under "encoder_q\." and "encoder_k\."/);
  const unknown = changed("unknown.safetensors", (tensors) => {
    tensors.set("spare.weight", { shape: [1], values: new Float32Array(1) });
  });
  expect(() => open(unknown)).toThrow(/these tensors do not belong to it: spare\.weight/);
});
