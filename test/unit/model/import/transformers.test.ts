import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importModel, inspectModel, preprocessing } from "../../../../src/core/model/import/index.ts";
import { parseDescriptors, readManifest } from "../../../../src/core/model/index.ts";
import { readSafetensors } from "../../../../src/core/model/safetensors.ts";
import { runTorch, whyNoTorch } from "../../../fixtures/torch/torch.ts";
import { dynamicallyQuantised, inFloat16 } from "./narrower.ts";
import * as net from "./networks.ts";

const reason = whyNoTorch();

/** Small transformers as torch exports them: tokens before the patches, tokens in all, and a vector beside them. */
const NETWORKS = [
  { name: "dinov2", first: 1, others: 1, vector: true },
  { name: "registers", first: 5, others: 5, vector: true },
  { name: "dinov3", first: 5, others: 5, vector: true },
  { name: "siglip", first: 0, others: 0, vector: true },
  { name: "timm", first: 1, others: 1, vector: true },
  { name: "deit", first: 2, others: 2, vector: false },
  { name: "mean", first: 1, others: 1, vector: false },
  { name: "beit", first: 1, others: 1, vector: false },
  { name: "parallel", first: 1, others: 1, vector: false },
  { name: "swin", first: 0, others: 0, vector: true },
  { name: "swin-nhwc", first: 0, others: 0, vector: false },
  { name: "mixer", first: 0, others: 0, vector: false },
  { name: "cait", first: 0, others: 0, vector: false },
  { name: "yolos", first: 1, others: 21, vector: false },
  { name: "clip", first: 1, others: 1, vector: true },
  { name: "openclip", first: 1, others: 1, vector: true },
  { name: "unfolded", first: 0, others: 0, vector: false },
];

describe.skipIf(reason !== undefined)(
  `transformers as torch computes them${reason === undefined ? "" : `: ${reason}`}`,
  () => {
    let folder = "";
    beforeAll(() => {
      folder = runTorch("transformers.py");
    }, 120_000);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const file = (name: string) => join(folder, `${name}.onnx`);

    test.each(NETWORKS)(
      "$name: its patch tokens are pooled, and its vector is a branch",
      async ({ name, first, others, vector }) => {
        const out = net.path();
        const report = await importModel({
          file: file(name),
          out,
          preprocessing: preprocessing("-1..1"),
          branches: parseDescriptors(vector ? "SMG+V" : "SMG"),
        });
        expect(report.taken).toMatchObject({ first, others });
        expect(report.oneByOne).toBe(false);

        const expected = readSafetensors(join(folder, `${name}.safetensors`));
        const image = expected.floats("image");
        const outputs = await net.run(out, {
          image: new Tensor("uint8", Uint8Array.from(image.values), [...image.shape]),
        });
        const map = expected.floats("map");
        expect(outputs["features"]!.dims).toEqual(map.shape);
        const worst = map.values.reduce((most, x, i) => Math.max(most, Math.abs(x - outputs["features"]!.data[i]!)), 0);
        expect(worst).toBeLessThan(1e-4);
        for (const n of [0, 1]) {
          const { spoc, mac } = net.pool({ data: map.values, dims: map.shape }, n);
          net.expectClose(net.row(outputs["spoc"]!, n), spoc!);
          net.expectClose(net.row(outputs["mac"]!, n), mac!);
          net.expectClose(net.row(outputs["gem"]!, n), shiftedGem(map, n));
          if (!vector) continue;
          const own = expected.floats("vector");
          net.expectClose(net.row(outputs["vector"]!, n), net.unit(net.row({ data: own.values, dims: own.shape }, n)));
        }
        const { descriptors } = readManifest(readFileSync(out), out);
        expect(descriptors.find(({ kind }) => kind === "GeM")).toMatchObject({ p: 3, signed: "shift" });
      },
    );

    test.each(["dinov2", "swin"])("%s in float16 is fed as float16, within a thousandth", async (name) => {
      const out = net.path();
      const half = net.write(inFloat16(readFileSync(file(name))));
      const report = await importModel({ file: half, out, preprocessing: preprocessing("-1..1") });
      expect(report.inspection.input.type).toBe("float16");
      const expected = readSafetensors(join(folder, `${name}.safetensors`));
      const { values, shape } = expected.floats("image");
      const outputs = await net.run(out, { image: new Tensor("uint8", Uint8Array.from(values), [...shape]) });
      const map = expected.floats("map");
      for (const n of [0, 1]) {
        const { spoc, mac } = net.pool({ data: map.values, dims: map.shape }, n);
        for (const [own, right] of [
          [net.row(outputs["spoc"]!, n), spoc!],
          [net.row(outputs["mac"]!, n), mac!],
        ] as const) {
          expect(Math.max(...own.map((x, i) => Math.abs(x - right[i]!)))).toBeLessThan(1e-3);
        }
      }
    });

    test("a dynamically quantised network runs its images one by one, and says why", async () => {
      const out = net.path();
      const quantised = net.write(dynamicallyQuantised(readFileSync(file("dinov3"))));
      const report = await importModel({ file: quantised, out, preprocessing: preprocessing("-1..1") });
      expect(report).toMatchObject({ oneByOne: true, oneByOneBecause: "quantization", check: { batchError: 0 } });
      expect(report.taken).toMatchObject({ tensor: "last_hidden_state", others: 5, first: 5 });
    });

    test("tokens that do not lie in rows are refused, with what to choose instead", async () => {
      await net.expectRefused(
        file("unrolled"),
        /do not lie in rows of patches.* Name what to take with --map: \S*Conv/,
      );
      await net.expectRefused(file("unrolled"), /cannot be taken at "output"/, { map: "output" });
    });

    test("of two towers in one file the image's vector is taken without the words' inputs", async () => {
      const out = net.path();
      const { manifest, inspection } = await importModel({
        file: file("clip"),
        out,
        map: "image_embeds",
        preprocessing: preprocessing("-1..1"),
      });
      expect(manifest.descriptors).toMatchObject([{ kind: "Vector", dim: 16 }]);
      expect(inspection.unused).toEqual(["input_ids", "attention_mask"]);
      const expected = readSafetensors(join(folder, "clip.safetensors"));
      const { values, shape } = expected.floats("image");
      const outputs = await net.run(out, { image: new Tensor("uint8", Uint8Array.from(values), [...shape]) });
      net.expectClose(Array.from(outputs["vector"]!.data), Array.from(expected.floats("vector").values));
      await net.expectRefused(file("clip"), /wants 2 inputs .* and none of them takes images/, { map: "text_embeds" });
    });

    test("a network of any size is run at the one that its positions fit, and another is refused with those that do", async () => {
      const { input, sizes } = await inspectModel(file("dinov2"));
      expect(input).toMatchObject({ width: 48, height: 48, fixedSize: false });
      expect(sizes).toEqual([48]);
      await net.expectRefused(file("dinov2"), /Sizes that it may take: 48/, { size: 64 });
    });

    test("what the files beside it say is followed and told; one folder up, where the file lies in a folder of its own", async () => {
      const repository = join(folder, "repository");
      mkdirSync(join(repository, "onnx"), { recursive: true });
      writeFileSync(join(repository, "onnx", "model.onnx"), readFileSync(file("siglip")));
      const config = {
        image_processor_type: "BitImageProcessor",
        size: { shortest_edge: 56 },
        crop_size: { height: 48, width: 48 },
        resample: 3,
        image_mean: [0.48, 0.45, 0.4],
        image_std: [0.26, 0.26, 0.27],
      };
      writeFileSync(join(repository, "preprocessor_config.json"), JSON.stringify(config));
      writeFileSync(join(repository, "config.json"), JSON.stringify({ image_size: 48, patch_size: 8 }));
      writeFileSync(join(repository, "README.md"), "---\nlicense: apache-2.0\n---\n# A network\n");
      const out = net.path();
      const report = await importModel({ file: join(repository, "onnx", "model.onnx"), out });
      expect(report.inspection.configs.files).toEqual(["../preprocessor_config.json", "../config.json"]);
      expect(report.preprocessing).toMatchObject({ name: "as trained", order: "rgb" });
      expect(report.preprocessing.mean[0]).toBeCloseTo(0.48 * 255);
      const { input, weights } = readManifest(readFileSync(out), out);
      expect(input).toMatchObject({ resize: { fit: "shortest", side: 56, halves: "down" }, kernel: "bicubic" });
      expect(weights.licence).toBe("apache-2.0");
    });
  },
);

/** m + (mean of (x - m)^3)^(1/3) with each channel's minimum m, of norm 1. */
function shiftedGem({ values, shape }: { values: Float32Array; shape: readonly number[] }, n: number): number[] {
  const [, c = 0, h = 0, w = 0] = shape;
  const channels = Array.from({ length: c }, (_, i) => {
    const channel = Array.from(values.subarray((n * c + i) * h * w, (n * c + i + 1) * h * w));
    const least = Math.min(...channel);
    return least + (channel.reduce((sum, x) => sum + (x - least) ** 3, 0) / channel.length) ** (1 / 3);
  });
  return net.unit(channels);
}
