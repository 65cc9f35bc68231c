import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import {
  addDescriptor,
  addFc,
  addL2,
  type DescriptorSpec,
  type Fc,
} from "../../../src/core/model/descriptors/index.ts";
import { regionGrids } from "../../../src/core/model/descriptors/regions.ts";
import {
  type Attention,
  initialAttention,
  initialExponents,
  initialSpatialWeights,
} from "../../../src/core/model/index.ts";
import { GraphBuilder } from "../../../src/core/onnx/index.ts";
import * as reference from "./reference.ts";

/** The same numbers on every run, in 0..1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
}

const randomFloats = (n: number, next: () => number, scale = 1): Float32Array =>
  Float32Array.from({ length: n }, () => (next() * 2 - 1) * scale);

type Shape = readonly [channels: number, height: number, width: number];

const SHAPES: readonly Shape[] = [
  [1, 1, 1],
  [3, 4, 4],
  [5, 3, 6],
  [5, 11, 4],
  [16, 1, 5],
  [40, 7, 7],
  [8, 14, 14],
];

/** Like feature maps after a ReLU: half of it zero, the first channel of the last image zero everywhere. */
function featureMaps(shape: Shape, count: number): Float32Array {
  const [c, h, w] = shape;
  const next = generator(c * 100 + h * 10 + w);
  const maps = Float32Array.from({ length: count * c * h * w }, () => Math.max(0, (next() - 0.5) * 12));
  return maps.fill(0, (count - 1) * c * h * w, (count - 1) * c * h * w + h * w);
}

function mapOf(values: Float32Array, [c, h, w]: Shape, image: number): reference.FeatureMap {
  const at = (i: number, y: number, x: number) => values[((image * c + i) * h + y) * w + x]!;
  return Array.from({ length: c }, (_, i) =>
    Array.from({ length: h }, (_, y) => Array.from({ length: w }, (_, x) => at(i, y, x))),
  );
}

/** Runs descriptor, FC and L2 on `[count, C, h, w]`, and gives the rows. */
async function run(spec: DescriptorSpec, shape: Shape, values: Float32Array, fc?: Fc): Promise<number[][]> {
  const [channels, height, width] = shape;
  const graph = new GraphBuilder("branch");
  const map = graph.input("map", "float32", ["N", channels, height, width]);
  const pooled = addDescriptor(graph, spec, map, { name: "map", channels, height, width });
  addL2(graph, fc === undefined ? pooled : addFc(graph, pooled, channels, fc), "row");
  const dim = fc?.dim ?? channels;
  graph.output("row", "float32", ["N", dim]);
  const session = await InferenceSession.create(graph.encode(), { intraOpNumThreads: 1 });
  const count = values.length / (channels * height * width);
  const { row } = await session.run({ map: new Tensor("float32", values, [count, ...shape]) });
  await session.release();
  expect(row!.dims).toEqual([count, dim]);
  const data = row!.data as Float32Array;
  return Array.from({ length: count }, (_, i) => [...data.subarray(i * dim, (i + 1) * dim)]);
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const worst = Math.max(...actual.map((x, i) => Math.abs(x - expected[i]!)));
  // Written so that NaN fails.
  expect(worst < 1e-5, `max abs difference ${worst}`).toBe(true);
}

type Pool = (map: reference.FeatureMap) => number[];

/** Each kind with the weights that a trained model would have, and its definition. */
function cases([channels, height, width]: Shape): Record<string, readonly [DescriptorSpec, Pool]> {
  const next = generator(channels);
  const same = (p: number) => Array.from({ length: channels }, () => p);
  const exponents = Float32Array.from({ length: channels }, () => 0.8 + 5 * next());
  const spatial = { weights: randomFloats(channels, next, 0.5), bias: 0.25 };
  const regions = (levels: number) =>
    regionGrids(height, width, levels).flatMap(({ side, tops, lefts }) =>
      tops.flatMap((top) => lefts.map((left): reference.Region => [top, left, side])),
    );
  return {
    SPoC: [{ kind: "SPoC" }, reference.spoc],
    MAC: [{ kind: "MAC" }, reference.mac],
    GeM: [{ kind: "GeM" }, (map) => reference.gem(map, same(3))],
    "GeM, p 4.5": [{ kind: "GeM", p: 4.5 }, (map) => reference.gem(map, same(4.5))],
    "GeM, p per channel": [{ kind: "GeM", p: exponents }, (map) => reference.gem(map, [...exponents])],
    CroW: [{ kind: "CroW" }, reference.crow],
    wGeM: [{ kind: "wGeM", spatial }, (map) => reference.wgem(map, same(3), [...spatial.weights], spatial.bias)],
    "wGeM, p per channel": [
      { kind: "wGeM", spatial, p: exponents },
      (map) => reference.wgem(map, [...exponents], [...spatial.weights], spatial.bias),
    ],
    "R-MAC": [{ kind: "RMAC" }, (map) => reference.rmac(map, regions(3))],
    "R-MAC, 5 levels": [{ kind: "RMAC", levels: 5 }, (map) => reference.rmac(map, regions(5))],
  };
}

const NAMES = Object.keys(cases([1, 1, 1]));

test.each(NAMES)("%s agrees with its definition in float64, for every shape", async (name) => {
  for (const shape of SHAPES) {
    const [spec, pool] = cases(shape)[name]!;
    const values = featureMaps(shape, 3);
    for (const [i, row] of (await run(spec, shape, values)).entries()) {
      expectClose(row, reference.unit(pool(mapOf(values, shape, i))));
    }
  }
});

test.each(NAMES)("%s takes negative activations, as of a layer without ReLU", async (name) => {
  const shape: Shape = [6, 5, 4];
  const [spec, pool] = cases(shape)[name]!;
  const values = randomFloats(120, generator(9), 4);
  expectClose((await run(spec, shape, values))[0]!, reference.unit(pool(mapOf(values, shape, 0))));
});

test.each(NAMES)("%s of a map of zeros is zero, not NaN", async (name) => {
  const shape: Shape = [6, 5, 5];
  const [spec] = cases(shape)[name]!;
  for (const x of (await run(spec, shape, new Float32Array(150)))[0]!) expect(x).toBe(0);
});

test.each(NAMES)("%s gives an image the same row alone and among eight", async (name) => {
  const shape: Shape = [12, 7, 7];
  const [spec] = cases(shape)[name]!;
  const size = 12 * 49;
  const values = randomFloats(8 * size, generator(3), 5);
  const together = await run(spec, shape, values);
  for (let i = 0; i < 8; i++) {
    const [alone] = await run(spec, shape, values.slice(i * size, (i + 1) * size));
    for (const [c, x] of alone!.entries()) expect(Math.abs(x - together[i]![c]!)).toBeLessThan(1e-6);
  }
});

test("a very high p gives the maximum, without overflow", async () => {
  const shape: Shape = [4, 6, 6];
  const values = featureMaps(shape, 1).map((x) => x * 1000);
  const [row] = await run({ kind: "GeM", p: 5000 }, shape, values);
  for (const [c, x] of reference.unit(reference.mac(mapOf(values, shape, 0))).entries()) {
    expect(Math.abs(row![c]! - x)).toBeLessThan(1e-3);
  }
});

test("wGeM is defined however little its convolution thinks of every position", async () => {
  const shape: Shape = [6, 5, 5];
  const values = featureMaps(shape, 1);
  const spatial = { weights: new Float32Array(6), bias: -1000 };
  const [row] = await run({ kind: "wGeM", spatial }, shape, values);
  expectClose(row!, (await run({ kind: "GeM" }, shape, values))[0]!);
});

/** Attention with the weights that a trained model would have. */
function trained(kind: Attention["kind"], channels: number, hidden: number): Attention {
  const next = generator(channels + hidden);
  const mlp = {
    reduce: { weights: randomFloats(channels * hidden, next), bias: randomFloats(hidden, next) },
    expand: { weights: randomFloats(hidden * channels, next), bias: randomFloats(channels, next) },
  };
  return kind === "SE" ? { kind, mlp } : { kind, mlp, spatial: { weights: randomFloats(98, next, 0.3), bias: -0.5 } };
}

test.each(["SE", "CBAM"] as const)("%s before the pooling agrees with its definition in float64", async (kind) => {
  for (const shape of SHAPES) {
    const attention = trained(kind, shape[0], 3);
    const values = featureMaps(shape, 2);
    for (const [name, [spec, pool]] of Object.entries(cases(shape))) {
      const rows = await run({ ...spec, attention }, shape, values);
      for (const [i, row] of rows.entries()) {
        const map = mapOf(values, shape, i);
        const attended =
          attention.kind === "SE"
            ? reference.squeezeExcitation(map, attention.mlp)
            : reference.cbam(map, attention.mlp, attention.spatial.weights, attention.spatial.bias);
        expect([name, row.every(Number.isFinite)]).toEqual([name, true]);
        expectClose(row, reference.unit(pool(attended)));
      }
    }
  }
});

test("the FC with and without bias agrees with plain arithmetic", async () => {
  const shape: Shape = [9, 5, 5];
  const next = generator(4);
  const weights = randomFloats(9 * 5, next);
  const bias = randomFloats(5, next);
  const values = featureMaps(shape, 2);
  for (const [head, offset] of [
    [{ weights, dim: 5 }, new Float32Array(5)],
    [{ weights, dim: 5, bias }, bias],
  ] as const) {
    for (const [i, row] of (await run({ kind: "SPoC" }, shape, values, head)).entries()) {
      expectClose(row, reference.unit(reference.fc(reference.spoc(mapOf(values, shape, i)), weights, offset)));
    }
  }
});

test("untrained parts change nothing: wGeM is GeM, attention is a factor, p per channel is p", async () => {
  const shape: Shape = [32, 7, 7];
  const values = featureMaps(shape, 2);
  const gem = await run({ kind: "GeM" }, shape, values);
  const neutral: DescriptorSpec[] = [
    { kind: "wGeM" },
    { kind: "wGeM", spatial: initialSpatialWeights(32) },
    { kind: "GeM", p: initialExponents(32) },
    { kind: "GeM", attention: "SE" },
    { kind: "GeM", attention: "CBAM" },
    { kind: "GeM", attention: initialAttention("CBAM", 32) },
  ];
  for (const spec of neutral) {
    for (const [i, row] of (await run(spec, shape, values)).entries()) expectClose(row, gem[i]!);
  }
});

test("untrained attention can learn: its first layer is not zero, and the same each time", () => {
  const { mlp } = initialAttention("SE", 64);
  expect(mlp.reduce.bias).toHaveLength(4);
  const bound = Math.sqrt(6 / 64);
  const [low, high] = [Math.min(...mlp.reduce.weights), Math.max(...mlp.reduce.weights)];
  expect(low).toBeGreaterThanOrEqual(-bound);
  expect(low).toBeLessThan(-0.8 * bound);
  expect(high).toBeLessThan(bound);
  expect(high).toBeGreaterThan(0.8 * bound);
  expect(initialAttention("SE", 64)).toEqual(initialAttention("SE", 64));
});

test("the regions of R-MAC on a square map and on oblong ones", () => {
  expect(regionGrids(7, 7, 3)).toEqual([
    { side: 7, tops: [0], lefts: [0] },
    { side: 4, tops: [0, 3], lefts: [0, 3] },
    { side: 3, tops: [0, 2, 4], lefts: [0, 2, 4] },
  ]);
  // 10 wide, 7 high: two regions of 7 share 4 of 7 columns, 57 %; three would share 79 %.
  expect(regionGrids(7, 10, 2)).toEqual([
    { side: 7, tops: [0], lefts: [0, 3] },
    { side: 4, tops: [0, 3], lefts: [0, 3, 6] },
  ]);
  // 20 high, 6 wide: 4 regions of 6 share 22 %, 5 share 42 %, 6 share 53 %.
  expect(regionGrids(20, 6, 1)).toEqual([{ side: 6, tops: [0, 3, 7, 10, 14], lefts: [0] }]);
});

test.each([
  ["no exponent", { kind: "GeM", p: 0 }, "exponent p of GeM must be a number above 0, not 0"],
  ["an infinite one", { kind: "wGeM", p: Number.POSITIVE_INFINITY }, "exponent p of wGeM must be a number above 0"],
  ["too few", { kind: "GeM", p: new Float32Array(2).fill(3) }, "GeM has 2 exponents p for the 3 channels"],
  ["NaN", { kind: "GeM", p: Float32Array.of(3, Number.NaN, 3) }, "not NaN"],
  ["no levels", { kind: "RMAC", levels: 0 }, "R-MAC has 1 to 8 levels of regions, not 0"],
  ["short weights", { kind: "wGeM", spatial: { weights: new Float32Array(2), bias: 0 } }, "hold 2 values where"],
  ["attention of another map", { kind: "MAC", attention: initialAttention("SE", 5) }, "hold 5 values where"],
  [
    "weights that diverged",
    { kind: "wGeM", spatial: { weights: Float32Array.of(1, Number.NaN, 1), bias: 0 } },
    "not a finite number",
  ],
] as const)("refuses %s", async (_, spec, message) => {
  await expect(run(spec, [3, 4, 4], new Float32Array(48))).rejects.toThrow(message);
});

test("refuses an FC of another size", async () => {
  const fc = { weights: new Float32Array(5), dim: 2 };
  await expect(run({ kind: "SPoC" }, [3, 4, 4], new Float32Array(48), fc)).rejects.toThrow("hold 5 values where");
  const bias = { weights: new Float32Array(6), bias: new Float32Array(3), dim: 2 };
  await expect(run({ kind: "SPoC" }, [3, 4, 4], new Float32Array(48), bias)).rejects.toThrow("bias of the FC hold 3");
});

test("values of both signs: each channel is shifted by its minimum, between the mean and the maximum", async () => {
  for (const shape of SHAPES) {
    const [channels, height, width] = shape;
    const next = generator(channels + height);
    const values = randomFloats(2 * channels * height * width, next, 5);
    const same = (p: number) => Array.from({ length: channels }, () => p);
    const flat = { weights: new Float32Array(channels), bias: 0 };
    const gem = (p: number) => run({ kind: "GeM", p, signed: "shift" }, shape, values);
    const [cubic, mean, great] = [await gem(3), await gem(1), await gem(400)];
    const weighted = await run({ kind: "wGeM", spatial: flat, signed: "shift" }, shape, values);
    for (const image of [0, 1]) {
      const map = mapOf(values, shape, image);
      expectClose(cubic[image]!, reference.unit(reference.shifted(map, (above) => reference.gem(above, same(3)))));
      expectClose(mean[image]!, reference.unit(reference.spoc(map)));
      expectClose(weighted[image]!, reference.unit(reference.shifted(map, (above) => reference.gem(above, same(3)))));
      const distance = Math.hypot(...great[image]!.map((x, c) => x - reference.unit(reference.mac(map))[c]!));
      expect(distance).toBeLessThan(0.05);
    }
  }
});
