import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBackbone } from "../../../../src/core/model/backbones/index.ts";
import { buildUntrainedModel, ModelError, readManifest } from "../../../../src/core/model/index.ts";
import { encodeSafetensors, type FloatTensor, readSafetensors } from "../../../../src/core/model/safetensors.ts";
import { runTorch, whyNoTorch } from "../../../fixtures/torch/torch.ts";

const reason = whyNoTorch();

describe.skipIf(reason !== undefined)(
  `vision transformers as torch computes them${reason === undefined ? "" : `: ${reason}`}`,
  () => {
    let folder = "";
    beforeAll(() => {
      folder = runTorch("vit.py");
    }, 120_000);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test.each([
      ["dinov2", "dinov2-48x4"],
      ["dinov2-registers", "dinov2-48x4"],
      ["dinov3", "dinov3-48x4"],
      ["clip", "clip-48x4"],
      ["siglip", "siglip-48x4"],
      ["timm", "dinov2-48x4"],
      ["timm-registers", "dinov2-48x4"],
      ["vit", "vit-48x4"],
      ["deit", "vit-48x4"],
      ["timm-dinov3", "dinov3-48x4"],
      ["timm-clip", "clip-48x4"],
      ["timm-siglip", "siglip-48x4"],
    ])("%s", async (family, name) => {
      const weights = join(folder, family, "weights.safetensors");
      const bytes = buildUntrainedModel({ backbone: "vit", weights, descriptors: "SMGV" });
      const manifest = readManifest(bytes, "m.onnx");
      expect(manifest.backbone.name).toBe(name);
      expect(manifest.input).toMatchObject({ width: 24, height: 24, resize: "squash", kernel: "bilinear" });
      expect(manifest.descriptors.map(({ kind, signed }) => [kind, signed])).toEqual([
        ["SPoC", undefined],
        ["MAC", undefined],
        ["GeM", "shift"],
        ["Vector", undefined],
      ]);
      const expected = readSafetensors(join(folder, family, "expected.safetensors"));
      const image = Uint8Array.from(expected.floats("image").values);
      const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
      const outputs = await session.run({ image: new Tensor("uint8", image, [2, 24, 24, 3]) });
      await session.release();
      const worst = (own: ArrayLike<number>, right: ArrayLike<number>) =>
        Array.from(right).reduce((most, x, i) => Math.max(most, Math.abs(x - own[i]!)), 0);
      const { shape, values } = expected.floats("tokens");
      expect(outputs["features"]!.dims).toEqual(shape);
      expect(worst(outputs["features"]!.data as Float32Array, values)).toBeLessThan(1e-4);
      const vector = expected.floats("vector");
      const dim = vector.shape[1]!;
      for (const n of [0, 1]) {
        const row = vector.values.subarray(n * dim, (n + 1) * dim);
        const norm = Math.hypot(...row);
        const own = (outputs["vector"]!.data as Float32Array).subarray(n * dim, (n + 1) * dim);
        expect(
          worst(
            own,
            row.map((x) => x / norm),
          ),
        ).toBeLessThan(1e-4);
      }
    });

    test("without the vector the tokens are the same, and only what they need is read", () => {
      const weights = join(folder, "clip", "weights.safetensors");
      const source = openBackbone("vit", { weights });
      expect(source.backbone.taps).toEqual([{ name: "tokens", channels: 48, height: 6, width: 6 }]);
      expect(openBackbone("vit", { weights, inputSize: 32 }).backbone.taps[0]).toMatchObject({ height: 8, width: 8 });
    });

    test("a part that is not known, and what does not fit, are refused", () => {
      const file = join(folder, "timm", "weights.safetensors");
      const weights = readSafetensors(file);
      const changed = (change: (tensors: Map<string, FloatTensor>) => void) => {
        const tensors = new Map(weights.names.map((name) => [name, weights.floats(name)]));
        change(tensors);
        const target = join(folder, "timm", "changed.safetensors");
        writeFileSync(target, encodeSafetensors(tensors));
        return () => buildUntrainedModel({ backbone: "vit", weights: target, descriptors: "S" });
      };
      const small = (count: number): FloatTensor => ({ shape: [count], values: new Float32Array(count) });
      expect(changed((tensors) => tensors.set("blocks.0.attn.q_norm.weight", small(16)))).toThrow(
        /not known here \(blocks\.0\.attn\.q_norm/,
      );
      expect(changed((tensors) => tensors.delete("blocks.1.mlp.fc2.weight"))).toThrow(ModelError);
      expect(changed((tensors) => tensors.set("norm.weight", small(3)))).toThrow(/norm\.weight .* does not fit/);
      expect(changed((tensors) => tensors.set("pos_embed", small(48 * 7)))).toThrow(
        /The 7 positions of .* are no square/,
      );
      expect(changed((tensors) => tensors.get("cls_token")!.values.fill(Number.NaN))).toThrow(/no finite numbers/);
      const config = join(folder, "timm", "config.json");
      const before = readFileSync(config);
      writeFileSync(config, JSON.stringify({ num_attention_heads: 7 }));
      expect(() => openBackbone("vit", { weights: file })).toThrow(/7 heads do not divide/);
      writeFileSync(config, before);
      expect(() => openBackbone("vit", { weights: file, lastDownsampling: "removed" })).toThrow(/no last downsampling/);
      expect(() => openBackbone("resnet50", { weights: file })).toThrow(/holds dinov2-48x4, not resnet50/);
    });
  },
);
