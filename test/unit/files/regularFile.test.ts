import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRegularFile, readRegularFileSync } from "../../../src/core/files/index.ts";
import { loadUsearch } from "../../../src/core/hnsw/index.ts";
import { findImages } from "../../../src/core/images/index.ts";
import { readSegments } from "../../../src/core/index/candidates/segments.ts";
import { candidatesFolder } from "../../../src/core/index/index.ts";
import { readConfigs } from "../../../src/core/model/configs/index.ts";
import { inspectModel } from "../../../src/core/model/import/index.ts";
import { readModelFile } from "../../../src/core/model/index.ts";
import { readSafetensors } from "../../../src/core/model/safetensors.ts";
import { readTextFiles } from "../../../src/core/model/text/textFiles.ts";
import { originFile, readWeightsOrigin } from "../../../src/core/model/weightsOrigin.ts";
import { readRunInfo } from "../../../src/core/training/index.ts";
import { trainerOf } from "../../../src/core/training/run/runFolder.ts";
import { RUN_FILES } from "../../../src/shared/index.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-regular-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const pipe = (name: string) => {
  execFileSync("mkfifo", [join(root, name)]);
  return join(root, name);
};

test("what is larger than it may be is not read", async () => {
  const file = join(root, "large");
  writeFileSync(file, "x");
  expect((await readRegularFile(file, 1)).length).toBe(1);
  truncateSync(file, 2 ** 33);
  await expect(readRegularFile(file, 2 ** 20)).rejects.toThrow("larger than 1 MiB");
  expect(() => readRegularFileSync(file, 2 ** 20)).toThrow("larger than 1 MiB");
});

test("a file is read as it is, a folder is told", async () => {
  writeFileSync(join(root, "a"), "text");
  expect((await readRegularFile(join(root, "a"))).toString()).toBe("text");
  expect(readRegularFileSync(join(root, "a")).toString()).toBe("text");
  await expect(readRegularFile(root)).rejects.toMatchObject({ code: "EISDIR" });
  expect(() => readRegularFileSync(root)).toThrow("EISDIR");
});

// Read as files they would hold up the whole process, and there is no end of the device.
test.skipIf(process.platform === "win32")("a pipe or a device in the place of a model is refused at once", async () => {
  for (const file of [pipe("model.onnx"), "/dev/zero"]) {
    await expect(readModelFile(file)).rejects.toThrow(/pipe or a device/);
    await expect(inspectModel(file)).rejects.toThrow(/cannot be read/);
  }
  expect(() => readSafetensors(pipe("weights.safetensors"))).toThrow(/pipe or a device/);
  pipe(originFile("own.safetensors"));
  expect(readWeightsOrigin(join(root, "own.safetensors"), "0")).toMatchObject({ licence: "unknown" });
});

// Each lies where others may write: beside weights, in a folder of images, in a shared place of indexes, in a run of others.
test.skipIf(process.platform === "win32")("nor is one waited for where a small file is expected", async () => {
  for (const name of ["config.json", "README.md"]) pipe(name);
  expect(readConfigs(join(root, "weights.safetensors")).files).toEqual([]);
  pipe("tokenizer.json");
  await expect(readTextFiles(join(root, "tower.onnx"))).rejects.toThrow(/tokenizer\.json cannot be read/);
  pipe(".gitignore");
  const drawing = join(root, "a.svg");
  writeFileSync(drawing, '<svg xmlns="http://www.w3.org/2000/svg"/>');
  const { images } = await findImages(root, { filter: { gitignore: true } });
  expect(images.map(({ path }) => path)).toEqual(["a.svg"]);
  for (const name of Object.values(RUN_FILES)) pipe(name);
  await expect(readRunInfo(root)).rejects.toThrow("There is no training in");
  expect(await trainerOf(root)).toBeNull();
  const segments = candidatesFolder(join(root, "abc.sqlite"));
  mkdirSync(segments);
  execFileSync("mkfifo", [join(segments, "0-0.usearch"), join(segments, "manifest.json")]);
  const usearch = (await loadUsearch())!;
  expect(await readSegments(segments, "e", [2], usearch)).toEqual([]);
  rmSync(join(segments, "manifest.json"));
  const pipes = [0, 1].map(() => ({ name: "0-0.usearch", bytes: 0, crc: 0 }));
  const manifest = { format: 2, epoch: "e", dims: [2], segments: [{ after: 0, upTo: 1, rows: 1, files: pipes }] };
  writeFileSync(join(segments, "manifest.json"), JSON.stringify(manifest));
  expect(await readSegments(segments, "e", [2], usearch)).toEqual([]);
});
