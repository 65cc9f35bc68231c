import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ModelShelf } from "../../../src/core/models/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

let root: string;
let shelf: ModelShelf;

function modelFile(name: string): string {
  const file = join(root, `${name}.onnx`);
  writeFileSync(file, tinyModel(name, "S"));
  return file;
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-names-"));
  shelf = new ModelShelf(modelFile("built-in"), join(root, "models"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a name is a file's on every system: no device of Windows, no other model in other capitals or letters", async () => {
  const file = modelFile("mine");
  for (const name of ["con", "AUX", "nul.v2", "COM1", "lpt9.x", "aux .x"]) {
    await expect(shelf.install(file, name), name).rejects.toThrow(/cannot be the name of a model\. Windows takes it/);
  }
  for (const name of ["point.", "space "]) await expect(shelf.install(file, name)).rejects.toThrow("at the end");
  for (const name of ["a:b", "a\\b", "a/b", "a*"])
    await expect(shelf.install(file, name)).rejects.toThrow("letters, digits");
  await expect(shelf.install(file, "写".repeat(80))).rejects.toThrow("too long");
  for (const name of ["console", "auxiliary", "com", "com10", "写".repeat(60), "मॉडल", "café"]) {
    const decomposed = name.normalize("NFD");
    expect(await shelf.install(file, decomposed)).toBe(name);
    expect(await shelf.find(decomposed)).toBe(await shelf.find(name));
    for (const other of [name, name.normalize("NFD"), name.toUpperCase()]) {
      await expect(shelf.checkFree(other), other).rejects.toThrow("is installed already");
    }
  }
  await expect(shelf.rename("com", "CONSOLE")).rejects.toThrow('"console" is installed already');
  await expect(shelf.rename("com", "prn")).rejects.toThrow("Windows");
  await shelf.select("com");
  await shelf.rename("com", "Com");
  expect((await shelf.list()).find(({ selected }) => selected)?.name).toBe("Com");
});

test("one that was installed under such a name before can be used, renamed and removed", async () => {
  await shelf.install(modelFile("mine"), "mine");
  for (const name of ["aux", "point.", "MINE"]) {
    renameSync(join(root, "models", "mine.onnx"), join(root, "models", `${name}.onnx`));
    expect(await shelf.find(name)).toBe(join(root, "models", `${name}.onnx`));
    await shelf.rename(name, "mine");
  }
  await shelf.remove("mine");
  expect(await shelf.list()).toHaveLength(1);
});
