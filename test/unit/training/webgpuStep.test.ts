import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DeviceUse } from "../../../src/shared/index.ts";
import { writeConvModel } from "../../fixtures/trainableModels.ts";
import { NO_WEBGPU, VULKAN } from "../runtime/swiftShader.ts";
import { relativeError } from "./reference.ts";

interface Steps {
  readonly use: DeviceUse;
  readonly losses: readonly number[];
}

interface Outcome {
  readonly taken: readonly { readonly there: Steps; readonly here: Steps }[];
  /** Of a graph with an operator that WebGPU lacks. */
  readonly part: DeviceUse;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-webgpu-step-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(driver: string): Promise<Outcome> {
  const child = join(import.meta.dirname, "webgpuStepChild.ts");
  const env = { ...process.env, VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver };
  const model = writeConvModel(join(folder, "conv.onnx"));
  const { stdout } = await promisify(execFile)(process.execPath, [child, model], { env });
  return JSON.parse(stdout);
}

test.skipIf(NO_WEBGPU !== undefined)(
  "on WebGPU a step runs as a whole, and as on the CPU; what does not run there as a whole is said",
  async () => {
    const { taken, part } = await run(VULKAN!);
    expect(taken).toHaveLength(2);
    for (const { there, here } of taken) {
      expect(there.use).toEqual({ used: "webgpu", reason: null });
      expect(here.use).toEqual({ used: "cpu", reason: null });
      // Not the same bits: that would be the CPU against itself.
      expect(there.losses).not.toEqual(here.losses);
      expect(relativeError(there.losses, here.losses)).toBeLessThan(1e-4);
    }
    expect(part).toEqual({ used: "webgpu", reason: "operators that webgpu lacks run on the CPU" });
  },
  300_000,
);

test.skipIf(NO_WEBGPU !== undefined)(
  "without an adapter a step runs on the CPU, and the reason is kept",
  async () => {
    const { taken } = await run("/nowhere.json");
    for (const { there, here } of taken) {
      expect(there.use).toEqual({ used: "cpu", reason: expect.stringMatching(/^webgpu: no graphics driver/) });
      expect(there.losses).toEqual(here.losses);
    }
  },
  60_000,
);
