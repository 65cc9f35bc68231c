import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DeviceChoice, DeviceReport } from "../../../src/shared/index.ts";
import { NO_WEBGPU, VULKAN } from "./swiftShader.ts";
import { tinyModel } from "./tinyModel.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-webgpu-"));
  writeFileSync(join(folder, "tiny.onnx"), tinyModel());
  writeFileSync(join(folder, "cpu only.onnx"), tinyModel(true));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly report: DeviceReport;
  /** Largest absolute difference to the CPU's outputs. */
  readonly difference: number;
  /** Of the first branch of the first image. */
  readonly norm: number;
}

async function run(model: string, device: DeviceChoice, driver: string): Promise<Outcome> {
  const child = join(import.meta.dirname, "webgpuChild.ts");
  const env = { ...process.env, VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver };
  const { stdout } = await promisify(execFile)(process.execPath, [child, join(folder, model), device], { env });
  return JSON.parse(stdout);
}

test.skipIf(NO_WEBGPU !== undefined)(
  "WebGPU is used, and gives what the CPU gives",
  async () => {
    const { report, difference, norm } = await run("tiny.onnx", "webgpu", VULKAN!);
    console.log(
      `WebGPU by SwiftShader: largest difference to the CPU ${difference.toExponential(1)}, ` +
        `${report.tried[0]?.imagesPerSecond?.toFixed(0)} images/s at batch ${report.batch}`,
    );
    expect(report).toMatchObject({ asked: "webgpu", used: "webgpu", reason: null });
    expect(report.tried).toEqual([{ device: "webgpu", ok: true, reason: null, imagesPerSecond: expect.any(Number) }]);
    expect(norm).toBeCloseTo(1, 5);
    // Not 0 either: that would be the CPU against itself.
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(1e-3);
  },
  120_000,
);

test.skipIf(NO_WEBGPU !== undefined)(
  "a model of which a part could only run on the CPU is not said to run on WebGPU",
  async () => {
    const { report, difference } = await run("cpu only.onnx", "webgpu", VULKAN!);
    expect(report).toMatchObject({ used: "cpu", reason: expect.stringContaining("lacks some operator") });
    expect(difference).toBe(0);
  },
  120_000,
);

test.skipIf(NO_WEBGPU !== undefined)(
  "without an adapter the CPU is used, and the reason is kept",
  async () => {
    const { report, difference } = await run("tiny.onnx", "webgpu", "/nowhere.json");
    expect(report).toMatchObject({
      asked: "webgpu",
      used: "cpu",
      reason: expect.stringContaining("no graphics driver"),
    });
    expect(report.tried.map(({ device, ok }) => [device, ok])).toEqual([
      ["webgpu", false],
      ["cpu", true],
    ]);
    expect(difference).toBe(0);
  },
  60_000,
);
