import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { importModel } from "../../../src/core/model/import/index.ts";
import { readModelFile } from "../../../src/core/model/index.ts";
import { ModelShelf } from "../../../src/core/models/index.ts";
import { type EvaluationReport, scoreText } from "../../../src/shared/index.ts";
import { evaluationReport } from "../../fixtures/evaluationReport.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";
import { writeTwoTowers } from "../../fixtures/twoTowers.ts";

let root: string;
let shelf: ModelShelf;

function modelFile(name: string, letters = "S"): string {
  const file = join(root, `${name}.onnx`);
  writeFileSync(file, tinyModel(name, letters));
  return file;
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-shelf-"));
  shelf = new ModelShelf(modelFile("built-in"), join(root, "models"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("without a choice the built-in model is used", async () => {
  expect(await shelf.selected("/any")).toEqual({ file: join(root, "built-in.onnx") });
  expect(await shelf.list()).toMatchObject([{ name: "mobilenetv2-smg", builtIn: true, selected: true, problem: null }]);
});

test("an installed model is chosen for all folders or for one, and the choice is taken back", async () => {
  await shelf.install(modelFile("mine"));
  await shelf.install(modelFile("other", "SM"), "renamed while installing");
  mkdirSync(join(root, "images"));
  symlinkSync(join(root, "images"), join(root, "link"));
  await shelf.select("mine");
  await shelf.select("renamed while installing", join(root, "images"));
  const name = async (folder?: string) => (await shelf.list(folder)).find(({ selected }) => selected)!.name;
  expect(await name()).toBe("mine");
  expect(await name("/elsewhere")).toBe("mine");
  expect(await name(join(root, "link"))).toBe("renamed while installing");
  await shelf.select(null, join(root, "images"));
  expect(await name(join(root, "images"))).toBe("mine");
  await shelf.select("mobilenetv2-smg");
  expect(await name()).toBe("mobilenetv2-smg");
});

test("renamed and removed models take the choice with them", async () => {
  await shelf.install(modelFile("mine"));
  await shelf.select("mine");
  await shelf.rename("mine", "yours");
  expect((await shelf.selected()).file).toBe(join(root, "models", "yours.onnx"));
  await shelf.remove("yours");
  expect(await shelf.selected()).toEqual({ file: join(root, "built-in.onnx") });
  expect(existsSync(join(root, "models", "yours.onnx"))).toBe(false);
});

test("the choice of a single folder follows a renamed model, and is taken back with a removed one", async () => {
  await shelf.install(modelFile("mine"));
  await shelf.install(modelFile("other", "SM"));
  await shelf.select("other");
  await shelf.select("mine", root);
  await shelf.rename("mine", "yours");
  expect((await shelf.selected(root)).file).toBe(join(root, "models", "yours.onnx"));
  await shelf.remove("yours");
  expect(await shelf.selected(root)).toEqual({ file: join(root, "models", "other.onnx") });
});

test("the built-in model can be chosen for one folder where all others have another", async () => {
  await shelf.install(modelFile("mine"));
  await shelf.select("mine");
  await shelf.select("mobilenetv2-smg", root);
  expect((await shelf.selected(root)).file).toBe(join(root, "built-in.onnx"));
  await shelf.select(null, root);
  expect((await shelf.selected(root)).file).toBe(join(root, "models", "mine.onnx"));
});

test("an installed model is found by its name and never by a path", async () => {
  const file = modelFile("mine");
  await shelf.install(file);
  expect(await shelf.find(file)).toBe(file);
  expect(await shelf.installed("mine")).toBe(join(root, "models", "mine.onnx"));
  await expect(shelf.installed(file)).rejects.toThrow("Installed: mobilenetv2-smg, mine. Choose one of them.");
});

test("a chosen model that is gone is not used, and that is said", async () => {
  await shelf.install(modelFile("mine"));
  await shelf.select("mine");
  rmSync(join(root, "models", "mine.onnx"));
  const { file, warning } = await shelf.selected();
  expect(file).toBe(join(root, "built-in.onnx"));
  expect(warning).toContain('There is no model "mine"');
});

test("a damaged choice is none; a damaged model is listed with its problem", async () => {
  mkdirSync(join(root, "models"));
  writeFileSync(join(root, "models", "selected.json"), "{ not json");
  writeFileSync(join(root, "models", "text.onnx"), "text");
  expect((await shelf.selected()).file).toBe(join(root, "built-in.onnx"));
  const listed = (await shelf.list())[1]!;
  expect(listed).toMatchObject({ name: "text", manifest: null });
  expect(listed.problem).toContain("is not an ONNX file");
  await expect(shelf.select("text")).rejects.toThrow("is not an ONNX file");
  expect((await shelf.selected()).file).toBe(join(root, "built-in.onnx"));
});

test("names that are taken, unknown or no file names are refused with a sentence", async () => {
  await shelf.install(modelFile("mine"));
  expect(await shelf.install(join(root, "mine.onnx"))).toBe("mine");
  await expect(shelf.install(modelFile("changed", "SM"), "mine")).rejects.toThrow("is installed already");
  await expect(shelf.install(join(root, "mine.onnx"), "../up")).rejects.toThrow("cannot be the name");
  await expect(shelf.find("unknown")).rejects.toThrow("Installed: mobilenetv2-smg, mine.");
  await expect(shelf.remove("mobilenetv2-smg")).rejects.toThrow("comes with Lookalike");
  await expect(shelf.rename("mine", "mobilenetv2-smg")).rejects.toThrow("is installed already");
  writeFileSync(join(root, "text.onnx"), "text");
  await expect(shelf.install(join(root, "text.onnx"))).rejects.toThrow("is not an ONNX file");
  await expect(shelf.install(join(root, "text.onnx"), "with a name")).rejects.toThrow("is not an ONNX file");
  await expect(shelf.install(join(root, "mine.onnx"), "mobilenetv2-smg")).rejects.toThrow("is installed already");
  expect(await shelf.install(join(root, "built-in.onnx"), "mobilenetv2-smg")).toBe("mobilenetv2-smg");
  await expect(shelf.checkFree("mine")).rejects.toThrow("is installed already");
  await shelf.checkFree("free");
  expect((await shelf.list()).map(({ name }) => name)).toEqual(["mobilenetv2-smg", "mine"]);
});

test("a file that is not installed is kept by its real path, and a path of the current folder is no choice", async () => {
  const file = modelFile("mine");
  symlinkSync(root, `${root}-link`);
  try {
    expect(await shelf.select(join(`${root}-link`, "mine.onnx"))).toBe(realpathSync(file));
  } finally {
    rmSync(`${root}-link`);
  }
  expect(await shelf.selected()).toEqual({ file: realpathSync(file) });
  expect(await shelf.select(relative(process.cwd(), file), root)).toBe(realpathSync(file));
  // As an earlier version kept it: never looked up in the current folder.
  const kept = { everywhere: relative(process.cwd(), file), folders: {} };
  writeFileSync(join(root, "models", "selected.json"), JSON.stringify(kept));
  const { file: used, warning } = await shelf.selected();
  expect(used).toBe(join(root, "built-in.onnx"));
  expect(warning).toContain("There is no model");
  writeFileSync(join(root, "models", "selected.json"), JSON.stringify({ everywhere: "/gone.onnx", folders: {} }));
  expect((await shelf.selected()).warning).toContain("/gone.onnx is not there any more");
});

test("many choices at once, by shelves of their own, are all kept", async () => {
  for (const name of ["one", "two", "gone", "old"]) await shelf.install(modelFile(name));
  await shelf.select("old", join(root, "renamed"));
  await shelf.select("gone", join(root, "removed"));
  const another = () => new ModelShelf(join(root, "built-in.onnx"), join(root, "models"));
  const folder = (i: number) => join(root, `folder ${i}`);
  await Promise.all([
    ...Array.from({ length: 10 }, (_, i) => another().select(i % 2 === 0 ? "one" : "two", folder(i))),
    another().rename("old", "new"),
    another().remove("gone"),
  ]);
  const chosen = (of: string) => shelf.selected(of).then(({ file }) => basename(file));
  for (let i = 0; i < 10; i++) expect(await chosen(folder(i))).toBe(i % 2 === 0 ? "one.onnx" : "two.onnx");
  expect(await chosen(join(root, "renamed"))).toBe("new.onnx");
  expect(await shelf.selected(join(root, "removed"))).toEqual({ file: join(root, "built-in.onnx") });
});

test("an exported model is the same file", async () => {
  await shelf.install(modelFile("mine"));
  await shelf.export("mine", join(root, "copy.onnx"));
  expect(readFileSync(join(root, "copy.onnx")).equals(readFileSync(join(root, "mine.onnx")))).toBe(true);
});

test("what was measured of a model is kept beside it, goes along with its name, and is not another model's", async () => {
  await shelf.install(modelFile("mine"));
  const file = await shelf.find("mine");
  const listed = async (name: string) => (await shelf.list()).find((model) => model.name === name)!;
  const { fingerprint } = await listed("mine");
  const made = await evaluationReport();
  const report = (state: "raw" | "adapted", recall: number): EvaluationReport => {
    const [model] = made.models;
    const combined = { ...model!.descriptors["combined"]!, metrics: { "recall@1": recall } };
    const own = state === "raw" ? { fingerprint: fingerprint!, base: null } : { fingerprint: "x", base: fingerprint };
    return {
      ...made,
      dataset: "cub",
      cropped: true,
      models: [{ ...model!, ...own, state, descriptors: { combined } }, model!],
    };
  };
  await shelf.keepScores([file], report("raw", 0.5));
  await shelf.keepScores([file], report("adapted", 0.6));
  await shelf.keepScores([file], report("raw", 0.792));
  const { scores } = await listed("mine");
  expect(scores.map(({ state, metrics }) => [state, metrics["recall@1"]])).toEqual([
    ["adapted", 0.6],
    ["raw", 0.792],
  ]);
  expect(scoreText({ ...scores[1]!, queries: 5924 })).toBe(
    "R@1 79.2 (78 to 80) on CUB-200-2011, all, cropped, own run, 5924 queries",
  );
  expect(scoreText({ ...scores[1]!, queries: 60 })).toBe(
    "R@1 79.2 (67 to 88) on CUB-200-2011, all, cropped, own run, 60 queries: too few to tell",
  );
  await shelf.rename("mine", "yours");
  expect((await listed("yours")).scores).toEqual(scores);
  // The built-in model's lie among the user's own, since its folder is the product's.
  const builtIn = await listed("mobilenetv2-smg");
  await shelf.keepScores([builtIn.file], {
    ...made,
    models: [{ ...made.models[0]!, fingerprint: builtIn.fingerprint! }],
  });
  expect((await listed("mobilenetv2-smg")).scores).toHaveLength(1);
  expect(existsSync(join(root, "models", "mobilenetv2-smg.scores.json"))).toBe(true);
  writeFileSync(join(root, "models", "yours.onnx"), tinyModel("another", "SM"));
  expect((await listed("yours")).scores).toEqual([]);
  await shelf.remove("yours");
  expect(existsSync(join(root, "models", "yours.scores.json"))).toBe(false);
  writeFileSync(join(root, "models", "mobilenetv2-smg.scores.json"), "{");
  expect((await listed("mobilenetv2-smg")).scores).toEqual([]);
});

test("a text tower goes with its model", async () => {
  const { vision, text } = writeTwoTowers(join(root, "repository"));
  const file = join(root, "words.onnx");
  await importModel({ file: vision, out: file, text: { file: text } });
  const at = (name: string) => join(root, "models", name);
  await shelf.install(file, "words");
  await shelf.rename("words", "seen and read");
  expect(readFileSync(at("seen and read.text")).equals(readFileSync(join(root, "words.text")))).toBe(true);
  expect(existsSync(at("words.text"))).toBe(false);
  const copy = join(root, "copy.onnx");
  await shelf.export("seen and read", copy);
  expect((await readModelFile(copy)).fingerprint).toBe((await readModelFile(file)).fingerprint);
  expect(existsSync(join(root, "copy.text"))).toBe(true);
  await shelf.remove("seen and read");
  expect(existsSync(at("seen and read.text"))).toBe(false);

  writeFileSync(join(root, "copy.text"), "another tower");
  await expect(shelf.install(copy)).rejects.toThrow(/is not the text tower that belongs to the model/);
  rmSync(join(root, "copy.text"));
  await expect(shelf.install(copy)).rejects.toThrow(/cannot be read\. Put it back/);
  expect(existsSync(at("copy.onnx"))).toBe(false);
});

test("of a scores file that somebody else wrote, only what can be a score is shown", async () => {
  await shelf.install(modelFile("mine"));
  const listed = async () => (await shelf.list()).find(({ name }) => name === "mine")!;
  const { fingerprint, file } = await listed();
  const scoresFile = file.replace(/onnx$/, "scores.json");
  const score = {
    ...{ on: "mine", protocol: "all", state: "raw", cropped: false, queries: 12 },
    ...{ metrics: { "recall@1": 0.5 }, measured: "2026-01-02T03:04:05.000Z" },
  };
  const scoresOf = async (content: string) => {
    writeFileSync(scoresFile, content);
    return (await listed()).scores;
  };
  const keep = (scores: unknown, rest = {}) => scoresOf(JSON.stringify({ format: 1, fingerprint, scores, ...rest }));
  expect(await keep([score])).toEqual([score]);
  for (const change of [
    { metrics: { "recall@1": 1.5 } },
    { metrics: { "recall@1": -0.1 } },
    { metrics: { "recall@1": "0.9" } },
    { metrics: {} },
    { metrics: null },
    { queries: 0 },
    { queries: 1.5 },
    { on: "" },
    { on: "x".repeat(300) },
    { protocol: "mine" },
    { state: "best" },
    { measured: "yesterday" },
  ]) {
    expect([change, await keep([{ ...score, ...change }, score])]).toEqual([change, [score]]);
  }
  expect(await keep([null, 1, "text", [], score])).toEqual([score]);
  expect(await keep(Array.from({ length: 500 }, () => score))).toHaveLength(100);
  expect(await scoresOf(JSON.stringify({ format: 1, fingerprint, scores: [score] }).replace("0.5", "1e999"))).toEqual(
    [],
  );
  for (const rest of [{ fingerprint: "another" }, { format: 2 }, { scores: {} }])
    expect(await keep([score], rest)).toEqual([]);
  for (const content of ["", "[]", "null", '{"scores":', " ".repeat(2 ** 20 + 1), "\u0000\u0001"]) {
    expect(await scoresOf(content)).toEqual([]);
  }
  // No line of a list is broken up by a name.
  expect(scoreText({ ...score, protocol: "all", state: "raw", on: "a\nb" })).toMatch(
    /^R@1 50\.0 \(25 to 75\) on a[^\n]*b, all, own run, 12 queries: too few to tell$/,
  );
  rmSync(scoresFile);
  mkdirSync(scoresFile);
  expect((await listed()).scores).toEqual([]);
});
