import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { readManifest } from "../../../src/core/model/index.ts";
import { startModel } from "../../../src/core/training/run/startModel.ts";
import { TRAINING_DEFAULTS, type TrainingOptions } from "../../../src/shared/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const options = (given: Partial<TrainingOptions>): TrainingOptions => ({ ...TRAINING_DEFAULTS, folder: "/", ...given });

test("the built-in model is built anew with other descriptors, exponent and attention, each on its feature map", () => {
  const bytes = readFileSync(ensureDefaultModel());
  expect(startModel(options({}), bytes, "built-in")).toBe(bytes);
  expect(startModel(options({ descriptors: "SMG" }), bytes, "built-in")).toBe(bytes);
  const changed = startModel(options({ descriptors: "GM+CROW", p: 4, attention: "SE" }), bytes, "built-in");
  const { descriptors, backbone } = readManifest(changed, "changed");
  expect(descriptors.map(({ kind, attention }) => [kind, attention])).toEqual([
    ["GeM", "SE"],
    ["MAC", "SE"],
    ["CroW", "SE"],
  ]);
  expect(descriptors[0]!.p).toBe(4);
  const taps = descriptors.map(({ tap }) => backbone.taps[tap]!.name);
  const own = readManifest(bytes, "built-in");
  const tapOf = (kind: string) => own.backbone.taps[own.descriptors.find((branch) => branch.kind === kind)!.tap]!.name;
  expect(taps).toEqual([tapOf("GeM"), tapOf("MAC"), tapOf("SPoC")]);
});

test("another model keeps its exponent and attention; asked for others, it says what to do", () => {
  const bytes = tinyModel("tiny", "SG");
  expect(startModel(options({}), bytes, "tiny")).toBe(bytes);
  expect(() => startModel(options({ p: 5 }), bytes, "tiny")).toThrow(/another exponent p .*lookalike model build/);
  expect(() => startModel(options({ attention: "CBAM" }), bytes, "tiny")).toThrow(/another attention/);
  expect(() => startModel(options({ descriptors: "GG" }), bytes, "tiny")).toThrow(/no GeM branch that is left/);
});
