import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import {
  buildHandcrafted,
  HANDCRAFTED_BRANCHES,
  joinModels,
  ModelError,
  readManifest,
} from "../../../src/core/model/index.ts";
import type { InputSpec } from "../../../src/shared/index.ts";
import { gradientsOf, histogramOf } from "../../fixtures/handcraftedReference.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const input = (width: number, height = width): InputSpec => ({
  width,
  height,
  resize: "squash",
  background: [255, 255, 255],
});

async function run(model: Uint8Array, pixels: Uint8Array, side: number) {
  const session = await InferenceSession.create(model);
  const image = new Tensor("uint8", pixels, [pixels.length / (3 * side * side), side, side, 3]);
  const outputs = await session.run({ image });
  await session.release();
  return outputs;
}

/** Pictures of 112 x 112: areas of colour with edges of all directions, noise, one of a single colour, black and white ones. */
function pictures(): Uint8Array[] {
  const of = (colour: (x: number, y: number, c: number) => number) =>
    Uint8Array.from({ length: 112 * 112 * 3 }, (_, i) => {
      const at = Math.floor(i / 3);
      return colour(at % 112, Math.floor(at / 112), i % 3);
    });
  return [
    of((x, y, c) =>
      Math.hypot(x - 50, y - 60) < 30 ? [220, 90, 20][c]! : 128 + 100 * Math.sin((x + c * 7) / 9 + y / 23),
    ),
    of((x, y, c) => (x * x * 7 + y * y * 13 + x * y * c * 3) % 256),
    of((_x, _y, c) => [30, 200, 90][c]!),
    of(() => 0),
    of(() => 255),
    of((x) => (x < 56 ? 0 : 255)),
    of((_x, y) => (y < 50 ? 255 : 0)),
  ];
}

test("colours and gradients are what their definitions give, pixel by pixel", async () => {
  const all = pictures();
  const outputs = await run(
    buildHandcrafted(HANDCRAFTED_BRANCHES, input(112)),
    Uint8Array.from(all.flatMap((p) => [...p])),
    112,
  );
  for (const [name, reference] of [
    ["lab", histogramOf],
    ["hog", gradientsOf],
  ] as const) {
    const values = outputs[name]!.data as Float32Array;
    const dim = outputs[name]!.dims[1]!;
    for (const [i, picture] of all.entries()) {
      const expected = reference(picture);
      const worst = Math.max(...expected.map((value, k) => Math.abs(value - values[i * dim + k]!)));
      expect(worst, `${name} of picture ${i}`).toBeLessThan(1e-4);
    }
  }
  // Of a single colour there is no edge: nothing, and no NaN.
  expect([...(outputs["hog"]!.data as Float32Array)].every(Number.isFinite)).toBe(true);
});

test("a larger input is looked at by means of its pixels, and one that cannot be cut so is refused", async () => {
  const [picture] = pictures() as [Uint8Array];
  const doubled = Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => {
    const at = Math.floor(i / 3);
    return picture[3 * ((Math.floor(at / 224) >> 1) * 112 + ((at % 224) >> 1)) + (i % 3)]!;
  });
  const small = await run(buildHandcrafted(HANDCRAFTED_BRANCHES, input(112)), picture, 112);
  const large = await run(buildHandcrafted(HANDCRAFTED_BRANCHES, input(224)), doubled, 224);
  for (const name of HANDCRAFTED_BRANCHES) {
    const [a, b] = [small[name]!.data as Float32Array, large[name]!.data as Float32Array];
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!))), name).toBeLessThan(1e-5);
  }
  expect(() => buildHandcrafted(HANDCRAFTED_BRANCHES, input(256))).toThrow(ModelError);
  expect(() => buildHandcrafted(HANDCRAFTED_BRANCHES, input(224, 200))).toThrow("multiples of 112");
});

test("they join a model, and one that a second network joined before, under names of their own; of more than eight branches none", async () => {
  const side = 112;
  const second = joinModels(tinyModel("one", "SG", side), tinyModel("two", "GM", side), ["one", "two"]);
  const guest = buildHandcrafted(HANDCRAFTED_BRANCHES, input(side));
  const joined = joinModels(second, guest, ["both", "pixels"], "handcrafted");
  const manifest = readManifest(joined, "joined");
  expect(manifest.descriptors.map(({ name }) => name)).toEqual([
    "spoc",
    "gem",
    "gem_2",
    "mac",
    ...HANDCRAFTED_BRANCHES,
  ]);
  expect(manifest).toMatchObject({ second: ["gem_2", "mac"], handcrafted: HANDCRAFTED_BRANCHES });
  const [pixels] = pictures() as [Uint8Array];
  const [all, alone, before] = [
    await run(joined, pixels, side),
    await run(guest, pixels, side),
    await run(second, pixels, side),
  ];
  for (const name of HANDCRAFTED_BRANCHES) expect(all[name]!.data, name).toEqual(alone[name]!.data);
  for (const name of ["spoc", "gem", "gem_2", "mac"]) expect(all[name]!.data, name).toEqual(before[name]!.data);
  const seven = tinyModel("seven", "SMGSMGS", side);
  expect(() => joinModels(seven, guest, ["seven", "pixels"], "handcrafted")).toThrow("8 branches at most");
});
