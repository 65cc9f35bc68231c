/** A thread of a coarse search: it looks through its part of the rows whenever it is asked. */
import { parentPort, workerData } from "node:worker_threads";
import { type Kernel, type ScanQuery, scanRows } from "./scan.ts";
import type { Layout } from "./segments.ts";
import { type WasmMemory, type WasmModule, wasm } from "./webAssembly.ts";

/** What a thread is started with. */
export interface ScanThread {
  readonly module: WasmModule;
  readonly layout: Layout;
  /** Its number. */
  readonly area: number;
  readonly next: Int32Array;
}

export interface ScanRequest {
  /** Segments that the thread does not know yet, from this one on. */
  readonly from: number;
  readonly memories: readonly WasmMemory[];
  readonly query: ScanQuery;
}

/** Words of `Findings`. */
export type ScanAnswer = { readonly findings: Uint32Array } | { readonly failure: string };

const port = parentPort;
if (port === null) throw new Error("scanWorker runs in a worker thread");
const { module, layout, area, next } = workerData as ScanThread;
const kernels: Kernel[] = [];

port.on("message", ({ from, memories, query }: ScanRequest) => {
  let answer: ScanAnswer;
  try {
    for (const [i, memory] of memories.entries()) {
      const { exports } = new wasm.Instance(module, { env: { memory } });
      kernels[from + i] = { memory, scan: exports["scan"] as Kernel["scan"] };
    }
    answer = { findings: scanRows(kernels, layout, query, area, next).words };
  } catch (error) {
    answer = { failure: String(error) };
  }
  port.postMessage(answer, "findings" in answer ? [answer.findings.buffer as ArrayBuffer] : []);
});
