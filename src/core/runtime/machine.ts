import { readdirSync, readFileSync, statSync } from "node:fs";
import { availableParallelism, cpus, release, version } from "node:os";
import { join } from "node:path";
import { env } from "onnxruntime-node";
import { nativeFolder } from "./candidates.ts";

/** Folders and files that change when a graphics driver comes, goes or is updated. */
const DRIVER_PLACES: Readonly<Record<string, readonly string[]>> = {
  linux: [
    "/usr/share/vulkan/icd.d",
    "/etc/vulkan/icd.d",
    "/usr/local/share/vulkan/icd.d",
    "/usr/lib/x86_64-linux-gnu/libvulkan.so.1",
    "/usr/lib64/libvulkan.so.1",
    "/usr/lib/wsl/lib",
    "/dev/dri",
    "/dev/nvidia0",
    "/dev/dxg",
  ],
  win32: [join(process.env["SystemRoot"] ?? "C:\\Windows", "System32", "DriverStore", "FileRepository")],
};

/** Variables that decide which driver is found. */
const VARIABLES = [
  "VK_ICD_FILENAMES",
  "VK_DRIVER_FILES",
  "VK_ADD_DRIVER_FILES",
  "LD_LIBRARY_PATH",
  "CUDA_VISIBLE_DEVICES",
];

/**
 * What a verdict on the devices of this machine depends on, as far as it can be seen without asking the devices:
 * onnxruntime, the system, the processor, the graphics drivers. On macOS the drivers are part of the system.
 */
export function machineFacts(): string[] {
  return [
    `onnxruntime ${env.versions.node}`,
    `${process.platform}-${process.arch} ${release()} ${version()}`,
    `${cpus()[0]?.model ?? "unknown processor"} x ${availableParallelism()}`,
    ...VARIABLES.map((name) => `${name}=${process.env[name] ?? ""}`),
    ...(DRIVER_PLACES[process.platform] ?? []).map(trace),
    trace(nativeFolder()),
    nvidiaDriver(),
  ];
}

/** Time of the last change of a file or folder, and names in it. */
function trace(path: string): string {
  try {
    const stat = statSync(path);
    const names = stat.isDirectory() && process.platform !== "win32" ? readdirSync(path).sort() : [];
    // Entries of /dev are made anew at each start of the system: only their names count.
    return `${path} ${path.startsWith("/dev/") ? "" : stat.mtimeMs} ${names.join(" ")}`;
  } catch {
    return `${path} -`;
  }
}

function nvidiaDriver(): string {
  try {
    return readFileSync("/proc/driver/nvidia/version", "utf8").split("\n")[0] ?? "";
  } catch {
    return "";
  }
}
