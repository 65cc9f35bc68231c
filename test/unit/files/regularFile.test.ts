import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRegularFile, readRegularFileSync } from "../../../src/core/files/index.ts";
import { inspectModel } from "../../../src/core/model/import/index.ts";
import { readModelFile } from "../../../src/core/model/index.ts";
import { readSafetensors } from "../../../src/core/model/safetensors.ts";
import { originFile, readWeightsOrigin } from "../../../src/core/model/weightsOrigin.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-regular-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const pipe = (name: string) => {
  execFileSync("mkfifo", [join(root, name)]);
  return join(root, name);
};

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
