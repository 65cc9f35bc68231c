import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { listSupportedBackends } from "onnxruntime-node";
import type { Device } from "../../shared/index.ts";

/** What decides which devices are worth trying. */
export interface Platform {
  /** As in `process.platform`. */
  readonly os: string;
  /** As in `process.arch`. */
  readonly arch: string;
  /** The CUDA part of onnxruntime is installed. It is hundreds of MB and never comes with Lookalike. */
  readonly cudaLibraries: boolean;
  /** Whether a GPU can be seen, as far as that is known before asking it. */
  readonly gpuVisible: boolean;
  /** Devices that onnxruntime was built with for this platform. */
  readonly built: ReadonlySet<string>;
}

/** GPU devices of each operating system, the one that fits it best first. */
const GPU_DEVICES: Readonly<Record<string, readonly Device[]>> = {
  win32: ["dml", "webgpu"],
  darwin: ["coreml", "webgpu"],
  linux: ["cuda", "webgpu"],
};

/** The devices that `auto` tries before the CPU, in this order. */
export function autoCandidates(platform: Platform): Device[] {
  const devices = GPU_DEVICES[platform.os] ?? [];
  return devices.filter((device) => impossible(device, platform) === null);
}

/** Why trying a device is no use on a platform; null where it may work. */
export function impossible(device: Device, { os, arch, cudaLibraries, built }: Platform): string | null {
  if (!built.has(device)) return `onnxruntime has no ${device} on ${os}-${arch}`;
  if (device === "cuda" && !cudaLibraries) {
    return "the CUDA part of onnxruntime (libonnxruntime_providers_cuda) is not installed beside onnxruntime-node";
  }
  return null;
}

/**
 * Why `auto` passes over a device that may work: without a GPU, WebGPU can only find a driver that computes on the CPU,
 * and it takes half a minute to learn that this is slow. Who asks for it by name gets it.
 */
export function unpromising(device: Device, { gpuVisible }: Platform): string | null {
  return device === "webgpu" && !gpuVisible ? "no GPU is visible to this process" : null;
}

/** The platform of this process. */
export function thisPlatform(): Platform {
  return {
    os: process.platform,
    arch: process.arch,
    cudaLibraries: existsSync(join(nativeFolder(), "libonnxruntime_providers_cuda.so")),
    gpuVisible: process.platform !== "linux" || gpuNodes().length > 0,
    built: new Set(listSupportedBackends().map(({ name }) => name)),
  };
}

/** Folder of onnxruntime's native libraries. */
export function nativeFolder(): string {
  const main = createRequire(import.meta.url).resolve("onnxruntime-node");
  return join(dirname(main), "..", "bin", "napi-v6", process.platform, process.arch);
}

/** Where Linux shows a GPU to a process: a render node, NVIDIA's own device (containers), or Windows' GPU inside WSL. */
function gpuNodes(): string[] {
  const names = (folder: string): string[] => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  return [
    ...names("/dev/dri").filter((name) => name.startsWith("renderD")),
    ...names("/dev").filter((name) => name === "dxg" || /^nvidia\d+$/.test(name)),
  ];
}
