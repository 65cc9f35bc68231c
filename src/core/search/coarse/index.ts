export { CoarseGallery, type ReadAgain, type StoredPlace } from "./coarseGallery.ts";
export type { CoarseQuery } from "./columns.ts";
export { coarseKernel } from "./kernel.ts";
export { ScanError } from "./scanPool.ts";
export { coarseBytes } from "./segments.ts";
export type { WasmModule } from "./webAssembly.ts";
