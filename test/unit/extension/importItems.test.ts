import { expect, test } from "vitest";
import {
  importSummary,
  isVector,
  parseFigures,
  parseSize,
  preprocessingItems,
  valueItems,
} from "../../../src/extension/models/importItems.ts";
import type { NetworkReport } from "../../../src/shared/index.ts";

const t = (text: string, ...args: (string | number)[]) => text.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)]));

const report: NetworkReport = {
  file: "/net.onnx",
  producer: "pytorch 2",
  input: { width: 224, height: 224, fixedSize: true, sizes: [], normalises: false },
  values: [
    { tensor: "late", op: "LayerNormalization", tokens: 5, firstLayer: false, shape: [2048, 1, 7] },
    { tensor: "map", op: "Relu", tokens: null, firstLayer: false, shape: [1024, 14, 14] },
    { tensor: "first", op: "Conv", tokens: null, firstLayer: true, shape: [64, 112, 112] },
    { tensor: "logits", op: "Gemm", tokens: null, firstLayer: false, shape: [1000] },
  ],
  chosen: "map",
  preprocessing: {
    name: "-1..1",
    order: "bgr",
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    because: "keras wrote it",
    certain: false,
  },
  presets: ["imagenet", "0..1", "-1..1"],
  licence: null,
  notes: [],
  text: null,
};

test("feature maps and vectors show their shapes; the recognised one stands first", () => {
  const items = valueItems(report, t);
  expect(items.map(({ label, description, detail }) => [label, description, detail])).toEqual([
    ["1024 × 14 × 14", "map", "feature map by Relu · recognised"],
    ["2048 × 1 × 7", "late", "patch tokens by LayerNormalization, as a feature map · 5 other tokens are left out"],
    ["64 × 112 × 112", "first", "feature map by Conv · of the first layer: colours and edges only"],
    ["1000", "logits", "vector by Gemm: becomes the one branch, without SPoC, MAC and GeM"],
  ]);
  expect(items.map(({ value }) => isVector(value))).toEqual([false, false, false, true]);
});

test("before it is installed stands what it would be: branches, input, what that rests on, size, licence", () => {
  const [late, map, first, logits] = report.values;
  const guessed = { name: "-1..1", order: "bgr" } as const;
  const lines = (taken: Parameters<typeof importSummary>[1]) => importSummary(report, taken, t).split("\n");
  expect(lines({ value: map!, descriptors: "SMG", preprocessing: guessed, bytes: 14_320_000 })).toEqual([
    "14.3 MB in the file, written by pytorch 2",
    "Branches SMG of 1024 values each, on a map of 14 × 14 positions",
    "Images of 224 × 224 pixels, fed as -1..1, BGR: a guess, keras wrote it",
    "Its licence does not stand in the file: it is that of where the file comes from",
    "It is tried on images before it is installed. The model in use stays in use.",
  ]);
  const own = { mean: [0, 0, 0], std: [1, 1, 1], order: "rgb" } as const;
  const vector = lines({ value: logits!, descriptors: null, preprocessing: own, bytes: 1 });
  expect(vector[1]).toBe(
    "One branch of 1000 values, pooled by the network itself: no lists of SPoC, MAC and GeM of their own",
  );
  expect(vector[2]).toBe("Images of 224 × 224 pixels, fed as your figures, RGB: as you chose");
  const itself = lines({ value: late!, descriptors: "S", preprocessing: null, bytes: 1 });
  expect(itself[2]).toBe("Images of 224 × 224 pixels; it normalises them by itself");
  // Another choice than the guess rests on the user alone.
  const other = { name: "imagenet", order: "rgb" } as const;
  expect(lines({ value: map!, descriptors: "S", preprocessing: other, bytes: 1 })[2]).toContain(
    "imagenet, RGB: as you chose",
  );
  expect(lines({ value: first!, descriptors: "S", preprocessing: other, bytes: 1 })[3]).toBe(
    "Of the first layer: colours and edges only",
  );
  const told = { ...report, licence: "apache-2.0", notes: ["config.json cannot be read and is passed over"] };
  const taken = { value: map!, descriptors: "S", preprocessing: guessed, bytes: 1 };
  expect(importSummary(told, taken, t).split("\n").slice(3, 5)).toEqual([
    "Licence, as the card beside it says: apache-2.0",
    "Note: config.json cannot be read and is passed over",
  ]);
});

test("every preprocessing can be chosen once; the recognised one stands first and says why", () => {
  const items = preprocessingItems(report, t);
  expect(items[0]).toEqual({
    label: "-1..1, BGR",
    description: "a guess: keras wrote it",
    detail: "mean 0.5 0.5 0.5, standard deviation 0.5 0.5 0.5, of pixels in 0..1",
    choice: { name: "-1..1", order: "bgr" },
  });
  expect(items.at(-1)).toEqual({ label: "Mean and standard deviation...", choice: null });
  expect(new Set(items.map(({ label }) => label)).size).toBe(7);
  expect(items.filter(({ description }) => description !== undefined)).toHaveLength(1);
  const certain = { ...report, preprocessing: { ...report.preprocessing, certain: true } };
  expect(preprocessingItems(certain, t)[0]!.description).toBe("recognised: keras wrote it");
});

test("what the files beside a network say can be chosen, and stands first", () => {
  const trained = {
    ...report.preprocessing,
    name: "as trained",
    order: "rgb",
    because: "preprocessor_config.json says so",
    certain: true,
  } as const;
  const items = preprocessingItems({ ...report, preprocessing: trained }, t);
  expect(items[0]).toMatchObject({ label: "as trained, RGB", choice: { name: "as trained", order: "rgb" } });
  expect(items).toHaveLength(8);
});

test("means and standard deviations are read however they are divided", () => {
  const figures = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  expect(parseFigures("0.485, 0.456, 0.406 / 0.229, 0.224, 0.225")).toEqual(figures);
  expect(parseFigures(" 0.485 0.456 0.406\t0.229;0.224;0.225 ")).toEqual(figures);
  for (const wrong of ["", "1 2 3", "0 0 0 1 1 0", "0 0 0 1 1 -1", "a b c 1 1 1", "0 0 0 1 1 1 1", "0 0 0 1 1 1e999"]) {
    expect(parseFigures(wrong), wrong).toBeUndefined();
  }
});

test("a size is a whole number of pixels that a network can take", () => {
  expect(parseSize("320")).toBe(320);
  for (const wrong of ["", " ", "0", "7", "2049", "224.5", "big"]) expect(parseSize(wrong), wrong).toBeUndefined();
});
