import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildModel, parseDescriptors } from "../../../src/core/model/index.ts";
import { ModelShelf } from "../../../src/core/models/index.ts";

let root: string;
let shelf: ModelShelf;

function modelFile(name: string, letters = "S"): string {
  const file = join(root, `${name}.onnx`);
  const taps = [{ name: "pixels", channels: 3, height: 4, width: 4 }];
  const backbone = {
    backbone: { name: "identity", lastDownsampling: "kept" as const, taps },
    weights: { source: "none", version: "1", licence: "none" },
    inputSize: 4,
    addTo: (_: unknown, pixels: string) => [pixels],
  };
  writeFileSync(file, buildModel({ name, backbone, branches: parseDescriptors(letters) }));
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
  await expect(shelf.rename("mine", "mobilenetv2-smg")).rejects.toThrow("is there already");
  writeFileSync(join(root, "text.onnx"), "text");
  await expect(shelf.install(join(root, "text.onnx"))).rejects.toThrow("is not an ONNX file");
});

test("an exported model is the same file", async () => {
  await shelf.install(modelFile("mine"));
  await shelf.export("mine", join(root, "copy.onnx"));
  expect(readFileSync(join(root, "copy.onnx")).equals(readFileSync(join(root, "mine.onnx")))).toBe(true);
});
