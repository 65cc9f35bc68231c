import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTensorFile, writeTensorFile } from "../../../src/core/training/run/tensorFile.ts";

test("a checkpoint comes back as it was written; one that is cut short or has a flipped bit is none", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lookalike-tensors-"));
  try {
    const file = join(folder, "checkpoint.bin");
    const tensors = new Map([
      ["weight", Float32Array.of(1, -2, 3e-9)],
      ["none", new Float32Array()],
      ["bias", Float32Array.of(0.5)],
    ]);
    await writeTensorFile(file, { epoch: 3 }, tensors);
    expect(await readTensorFile(file)).toEqual({ meta: { epoch: 3 }, tensors });
    const whole = readFileSync(file);
    for (let at = whole.length - 16; at < whole.length; at++) {
      const bent = Buffer.from(whole);
      bent[at]! ^= 4;
      writeFileSync(file, bent);
      expect(await readTensorFile(file)).toBeNull();
    }
    for (const length of [0, 5, 20, whole.length - 1]) {
      writeFileSync(file, whole.subarray(0, length));
      expect(await readTensorFile(file)).toBeNull();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
