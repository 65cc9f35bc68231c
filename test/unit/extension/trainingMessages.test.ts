import * as v from "valibot";
import { expect, test } from "vitest";
import { SavedTrainingSchema, TRAINING_PARAMS } from "../../../src/extension/training/pageMessages.ts";
import { TRAINING_DEFAULTS } from "../../../src/shared/index.ts";

const options = { ...TRAINING_DEFAULTS, folder: "/pictures" };
const accepts = (method: keyof typeof TRAINING_PARAMS, params: unknown) => v.is(TRAINING_PARAMS[method], params);

test("choices are taken one by one or together, within their bounds", () => {
  const { folder: _, labels, labelColumn, ...choices } = options;
  for (const some of [{}, choices, { mode: "full" }, { epochs: null }, { epochs: 3, seed: 0 }, { descriptors: "SMG" }])
    expect(accepts("change", { choices: some }), JSON.stringify(some)).toBe(true);
  const wrong = [
    { folder: "/etc" },
    { labels: "/etc/passwd" },
    { labelColumn: "label" },
    { mode: "everything" },
    { epochs: 0 },
    { epochs: 1.5 },
    { epochs: Number.NaN },
    { epochs: undefined },
    { seed: 2 ** 31 },
    { margin: 0 },
    { lastDownsampling: "moved" },
    { batchNorm: null },
    { seed: "1" },
    { testShare: 1.5 },
    { learningRate: Number.POSITIVE_INFINITY },
    { descriptors: "S".repeat(500) },
    { attention: "other" },
    { flip: 1 },
    null,
  ];
  for (const each of wrong) expect(accepts("change", { choices: each }), JSON.stringify(each)).toBe(false);
});

test("actions, thumbnails and images are asked for by their names only", () => {
  expect(accepts("action", { action: "start" })).toBe(true);
  expect(accepts("action", { action: "rm" })).toBe(false);
  expect(accepts("action", { action: "start", more: 1 })).toBe(false);
  expect(accepts("thumbnail", { path: "a/1.png", size: 96 })).toBe(true);
  for (const size of [0, 1e6, 96.5, "96"]) expect(accepts("thumbnail", { path: "a/1.png", size })).toBe(false);
  expect(accepts("open", { path: "" })).toBe(false);
  expect(accepts("open", { path: ["a"] })).toBe(false);
});

test("what a panel kept is taken over where it is whole", () => {
  const saved = { root: "/pictures", options, run: null };
  const made = { installed: "birds-head", usedBefore: null };
  for (const whole of [saved, { ...saved, made }])
    expect(v.is(SavedTrainingSchema, JSON.parse(JSON.stringify(whole)))).toBe(true);
  for (const broken of [
    undefined,
    {},
    { ...saved, options: { ...options, seed: "x" } },
    { ...saved, root: 3 },
    { ...saved, made: {} },
  ])
    expect(v.is(SavedTrainingSchema, broken)).toBe(false);
});
