import { readFileSync } from "node:fs";
import { type WasmModule, wasm } from "./webAssembly.ts";

/** Made by the build from `src/kernels`. The sources run as they are; in the bundle every chunk lies one folder beside it. */
const FILE = import.meta.url.endsWith(".ts")
  ? new URL("../../../../dist/kernels/coarseScan.wasm", import.meta.url)
  : new URL("../kernels/coarseScan.wasm", import.meta.url);

/** A function with one instruction on 128 bits: `(module (func (drop (v128.const i64x2 0 0))))`. */
const SIMD = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0, 253, 12],
  ...new Array<number>(16).fill(0),
  ...[26, 11],
);

let module: WasmModule | null | undefined;

/** The kernel, for a thread to instantiate; null where this machine's V8 has no SIMD, or the kernel was not built. */
export function coarseKernel(): WasmModule | null {
  if (module === undefined) {
    try {
      module = wasm.validate(SIMD) ? new wasm.Module(readFileSync(FILE)) : null;
    } catch {
      module = null;
    }
  }
  return module;
}
