import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** SwiftShader, a Vulkan driver that computes on the CPU; it comes with Chromium and Chrome. */
export const VULKAN = [
  "/usr/lib/chromium",
  "/opt/google/chrome",
  ...(process.env["CHROMIUM"] === undefined ? [] : [dirname(process.env["CHROMIUM"])]),
]
  .map((folder) => join(folder, "vk_swiftshader_icd.json"))
  .find(existsSync);

/** Why WebGPU cannot be tested here; undefined where it can. */
export const NO_WEBGPU =
  process.platform !== "linux" || process.arch !== "x64"
    ? `onnxruntime's WebGPU needs a real GPU on ${process.platform}-${process.arch}`
    : VULKAN === undefined
      ? "no SwiftShader here; it comes with Chromium"
      : undefined;

if (NO_WEBGPU !== undefined) console.log(`WebGPU is not tested: ${NO_WEBGPU}.`);
