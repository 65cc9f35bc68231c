import { expect, test } from "vitest";
import { freeName, modelItem, nameProblem } from "../../../src/extension/models/modelItems.ts";
import { formsOf } from "../../../src/extension/similar/comparedChoice.ts";
import type { InstalledModel } from "../../../src/shared/index.ts";

const t = (text: string, ...args: (string | number)[]) => text.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)]));

const model: InstalledModel = {
  name: "mine",
  file: "/models/mine.onnx",
  builtIn: false,
  scores: [],
  selected: true,
  bytes: 13_240_000,
  fingerprint: "ab",
  problem: null,
  manifest: {
    format: 1,
    name: "mine",
    backbone: {
      name: "resnet50",
      lastDownsampling: "kept",
      taps: [{ name: "layer4", channels: 2048, height: 7, width: 7 }],
    },
    descriptors: [
      { name: "rmac", kind: "RMAC", dim: 2048, tap: 0 },
      { name: "gem", kind: "GeM", dim: 512, tap: 0, p: 3 },
    ],
    input: { width: 224, height: 192, resize: "squash", background: [255, 255, 255] },
    weights: { source: "hub a/b", version: "1", licence: "apache-2.0" },
    training: { method: "trained", images: 800 },
  },
};

test("a model in use is marked, and says what it is made of and where it comes from", () => {
  expect(modelItem(model, t)).toEqual({
    label: "$(check) mine",
    description: "in use",
    detail:
      "resnet50 · R-MAC 2048 + GeM 512 · 224 × 192 pixels · 13.2 MB · hub a/b 1 (apache-2.0) · trained on 800 images",
  });
});

test("the built-in model says so; another one stands without a mark", () => {
  expect(modelItem({ ...model, builtIn: true }, t).description).toBe("in use, comes with Lookalike");
  expect(modelItem({ ...model, selected: false }, t)).toMatchObject({ label: "$(blank) mine", description: "" });
});

test("a model that cannot be read shows its problem", () => {
  const problem = "/models/mine.onnx is not an ONNX file, or it is damaged. Build or copy it again.";
  expect(modelItem({ ...model, manifest: null, fingerprint: null, problem, selected: false }, t)).toEqual({
    label: "$(warning) mine",
    description: "cannot be used",
    detail: problem,
  });
});

test("names that no file can have, and names that are taken, are refused", () => {
  expect(nameProblem("My model 2.1", ["mine"], t)).toBeUndefined();
  expect(nameProblem("Mine", ["mine"], t)).toBe("There is a model mine already.");
  expect(nameProblem("default", [], t)).toBe("There is a model default already.");
  for (const name of ["", " x", "../up", "a/b", ".hidden", "x".repeat(101)]) {
    expect(nameProblem(name, [], t), name).toContain("only");
  }
  expect(nameProblem("Aux.v2", [], t)).toContain("Windows");
  expect(nameProblem("model.", [], t)).toContain("last");
  expect(nameProblem("写".repeat(90), [], t)).toContain("Too long");
  expect(nameProblem("cafe\u0301", ["Café"], t)).toBe("There is a model Café already.");
});

test("a proposed name can be used as it is", () => {
  expect(freeName("resnet50", [])).toBe("resnet50");
  expect(freeName("resnet50", ["ResNet50", "resnet50 2"])).toBe("resnet50 3");
  for (const wanted of [
    "../a:b*c",
    "",
    "???",
    "x".repeat(300),
    ".hidden",
    "default",
    "con",
    "Aux.v2",
    "a.",
    "写".repeat(200),
    "\u0301x",
  ]) {
    expect(nameProblem(freeName(wanted, ["model"]), ["model"], t), wanted).toBeUndefined();
  }
});

test("a model that the folder is searched with in its adapted form is named so", () => {
  expect(modelItem(model, t, "mine+adapted").description).toBe("in use as mine+adapted");
  expect(modelItem(model, t, "mine-int8+adapted").description).toBe("in use as mine-int8+adapted");
  expect(modelItem(model, t, "mine-int8").description).toBe("in use as mine-int8");
  expect(modelItem(model, t, "mine").description).toBe("in use");
});

test("what was not trained can be compared as it is and adapted; what was, and where nothing is adapted, as it is", () => {
  const untrained = { ...model, manifest: { ...model.manifest!, training: null } };
  const labels = (forms: readonly { label: string }[]) => forms.map(({ label }) => label);
  expect(labels(formsOf(untrained, true))).toEqual(["mine+adapted", "mine"]);
  expect(labels(formsOf(untrained, false))).toEqual(["mine"]);
  expect(labels(formsOf(model, true))).toEqual(["mine"]);
  expect(formsOf({ ...model, manifest: null, problem: "damaged" }, true)).toEqual([]);
});
