/** A model on patch tokens does what one on a convolutional map does: adaptation, a box, maps that add up, a comparison. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildUntrainedModel } from "../../../src/core/model/index.ts";
import { encodeSafetensors, type FloatTensor } from "../../../src/core/model/safetensors.ts";
import { withIndex } from "../../fixtures/withIndex.ts";

const [DIM, PATCH, SIDE, DEPTH] = [16, 8, 32, 2];
const root = mkdtempSync(join(tmpdir(), "lookalike-tokens-"));
const folder = join(root, "images");
const model = join(root, "vit.onnx");

let state = 11;
function random(shape: readonly number[], scale: number): FloatTensor {
  const values = Float32Array.from({ length: shape.reduce((product, n) => product * n, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
  return { shape, values };
}

/** A vision transformer in timm's names, with a class token. */
function weights(): Uint8Array {
  const tensors = new Map<string, FloatTensor>();
  const linear = (at: string, outputs: number, inputs: number) => {
    tensors.set(`${at}.weight`, random([outputs, inputs], inputs ** -0.5));
    tensors.set(`${at}.bias`, random([outputs], 0.1));
  };
  const norm = (at: string) => {
    tensors.set(`${at}.weight`, { shape: [DIM], values: new Float32Array(DIM).fill(1) });
    tensors.set(`${at}.bias`, random([DIM], 0.1));
  };
  tensors.set("patch_embed.proj.weight", random([DIM, 3, PATCH, PATCH], 0.1));
  tensors.set("patch_embed.proj.bias", random([DIM], 0.1));
  tensors.set("cls_token", random([1, 1, DIM], 0.5));
  tensors.set("pos_embed", random([1, 1 + (SIDE / PATCH) ** 2, DIM], 0.3));
  for (let i = 0; i < DEPTH; i++) {
    norm(`blocks.${i}.norm1`);
    linear(`blocks.${i}.attn.qkv`, 3 * DIM, DIM);
    linear(`blocks.${i}.attn.proj`, DIM, DIM);
    norm(`blocks.${i}.norm2`);
    linear(`blocks.${i}.mlp.fc1`, 2 * DIM, DIM);
    linear(`blocks.${i}.mlp.fc2`, DIM, 2 * DIM);
  }
  norm("norm");
  return encodeSafetensors(tensors);
}

const image = (i: number) => join(folder, `${i}.png`);

beforeAll(async () => {
  mkdirSync(folder);
  for (let i = 0; i < 68; i++) {
    const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, p) => {
      const [x, y, c] = [Math.floor(p / 3) % SIDE, Math.floor(p / 3 / SIDE), p % 3];
      return 128 + 100 * Math.sin((x * (1 + (i % 5))) / 5 + (y * (1 + (i % 7))) / 6 + c * i);
    });
    await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } }).toFile(image(i));
  }
  const file = join(root, "weights.safetensors");
  writeFileSync(file, weights());
  writeFileSync(model, buildUntrainedModel({ backbone: "vit", weights: file, descriptors: "SMGV", inputSize: SIDE }));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([false, true])("adapted: %s", async (adapt) => {
  await withIndex(folder, model, { location: join(root, `indexes ${adapt}`), adapt }, async (index) => {
    await index.update();
    expect(index.manifest.training === null).toBe(!adapt);
    const whole = await index.similar({ examples: [{ image: image(3), sign: 1 }], k: 5 });
    expect(Object.keys(whole.results)).toEqual(["spoc", "mac", "gem", "vector", "combined"]);
    // Part of the picture is another query.
    const box = { x: 0, y: 0, width: 0.5, height: 0.5 };
    const part = await index.similar({ examples: [{ image: image(3), sign: 1, box }], k: 5 });
    expect(part.scores).not.toEqual(whole.scores);
    // Positions of the tokens make the score, up to what a head's bias gives.
    const { branches, unexplained, problem } = await index.explain({ query: image(3), result: image(8) });
    expect(problem).toBeNull();
    expect(branches.map(({ name }) => name)).toEqual(["spoc", "mac", "gem"]);
    expect(unexplained.map(({ name }) => name)).toEqual(["vector"]);
    for (const { query, score } of branches) {
      expect([query.width, query.height]).toEqual([SIDE / PATCH, SIDE / PATCH]);
      expect(query.map.reduce((sum, x) => sum + x, query.constant)).toBeCloseTo(score, 4);
    }
  });
});
