import { describe, expect, it } from "vitest";
import {
  doubtfulSplit,
  folderLabel,
  folderRule,
  labelsNamed,
  NO_SPLIT,
  partOf,
  shortLabels,
  splitNote,
  splitPart,
} from "../../../src/shared/index.ts";

function labels(...paths: string[]): string[] {
  const rule = folderRule(paths);
  return paths.map((path) => folderLabel(path, rule));
}

describe("the label that a folder gives", () => {
  it("is the path of the folder, and none directly in the indexed one", () => {
    expect(labels("a.png", "cat/b.png", "wild/cat/c.png")).toEqual(["", "cat", "wild/cat"]);
  });

  it("leaves out the parts of a split, in any case and by any of their names", () => {
    expect(labels("train/cat/1.png", "train/dog/2.png", "val/cat/3.png", "val/dog/4.png")).toEqual([
      "cat",
      "dog",
      "cat",
      "dog",
    ]);
    for (const [one, other] of [
      ["Training", "TESTING"],
      ["dev", "test"],
      ["valid", "Train"],
      ["validation", "testing"],
    ]) {
      expect(labels(`${one}/big/cat/1.png`, `${other}/big/cat/2.png`)).toEqual(["big/cat", "big/cat"]);
    }
  });

  it("finds a split below folders that all images share", () => {
    expect(labels("set/images/train/cat/1.png", "set/images/test/dog/2.png")).toEqual([
      "set/images/cat",
      "set/images/dog",
    ]);
  });

  it.each([
    ["one part only", ["train/cat/1.png", "train/dog/2.png"]],
    ["two spellings of one part", ["train/cat/1.png", "Train/dog/2.png"]],
    ["an image outside of the parts", ["train/cat/1.png", "val/cat/2.png", "other/3.png"]],
    ["an image in no folder", ["train/cat/1.png", "val/cat/2.png", "3.png"]],
    ["parts below the classes", ["cat/train/1.png", "dog/val/2.png"]],
    ["names that only begin like a part", ["trains/cat/1.png", "tests/cat/2.png"]],
    ["names of things that every object has", ["constructor/cat/1.png", "toString/cat/2.png"]],
    ["no image", []],
  ])("takes no split where there is %s", (_, paths) => {
    expect(folderRule(paths)).toEqual(NO_SPLIT);
    expect(splitNote(folderRule(paths))).toBeNull();
  });

  it("gives an image directly in a part no label, and tells each image's part", () => {
    const paths = ["train/1.png", "train/cat/2.png", "val/cat/3.png", "Test/cat/4.png"];
    const rule = folderRule(paths);
    expect(paths.map((path) => folderLabel(path, rule))).toEqual(["", "cat", "cat", "cat"]);
    expect(paths.map((path) => partOf(path, rule))).toEqual(["train", "train", "validation", "test"]);
    expect(splitNote(rule)).toMatch(/Test, train, val/);
    expect(partOf("train/1.png", NO_SPLIT)).toBeNull();
  });
});

it.each([
  ["inside the classes", ["cat/train/1.png", "cat/val/2.png", "dog/train/3.png"], /train, val .* inside other folders/],
  ["beside other images", ["train/cat/1.png", "val/cat/2.png", "cover.png"], /train, val .* cover\.png lies in none/],
])("says that folders with the names of parts are none, %s", (_, paths, says) => {
  expect(doubtfulSplit(paths, folderRule(paths))).toMatch(says);
});

it.each([
  ["where they are the parts", ["train/cat/1.png", "val/cat/2.png"]],
  ["of a single part, which may be the train of a railway", ["train/1.png", "ship/2.png"]],
  ["of two names of one part", ["train/1.png", "training/2.png", "ship/3.png"]],
])("says nothing %s", (_, paths) => {
  expect(doubtfulSplit(paths, folderRule(paths))).toBeNull();
});

it("knows the names of parts", () => {
  expect([" Train ", "DEV", "holdout", "", "__proto__"].map(splitPart)).toEqual([
    "train",
    "validation",
    undefined,
    undefined,
    undefined,
  ]);
});

it("shows a label by its last part where that says which one it is", () => {
  expect([...shortLabels(["wild/cat", "home/cat", "home/dog", "bird", "", "home/dog"])]).toEqual([
    ["wild/cat", "wild/cat"],
    ["home/cat", "home/cat"],
    ["home/dog", "dog"],
    ["bird", "bird"],
    ["", ""],
  ]);
});

it("finds labels by their path or their last part; what several end with is none", () => {
  const known = ["wild/cat", "home/cat", "home/dog", "dog/wolf", "cat/lion", "lion"];
  const { labels, unknown, ambiguous } = labelsNamed(["dog", "cat", "wild/cat", "lion", "", "owl"], known);
  expect([...labels]).toEqual(["home/dog", "wild/cat", "lion", ""]);
  expect([unknown, ambiguous]).toEqual([["owl"], ["cat"]]);
});
