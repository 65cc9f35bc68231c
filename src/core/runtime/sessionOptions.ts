import { availableParallelism } from "node:os";
import type { InferenceSession } from "onnxruntime-node";
import type { Device } from "../../shared/index.ts";

export interface SessionChoices {
  /** Of the CPU; one for each core where absent. */
  readonly threads?: number | undefined;
  /** Operators that the device lacks may run on the CPU; else it is all or nothing. */
  readonly inPart?: boolean;
}

/** How a graph is put on a device. */
export function sessionOptions(
  device: Device,
  { threads = availableParallelism(), inPart = false }: SessionChoices = {},
): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    graphOptimizationLevel: "all",
    // All cores: decoding takes its share of them where it needs one. Threads that wait for work must not spin meanwhile, or
    // they take that share away again (docs/performance.md).
    intraOpNumThreads: threads,
    extra: {
      session: {
        intra_op: { allow_spinning: "0" },
        ...(device === "cpu" || inPart ? {} : { disable_cpu_ep_fallback: "1" }),
      },
    },
    // DirectML supports neither memory patterns nor parallel execution.
    ...(device === "dml" ? { enableMemPattern: false, executionMode: "sequential" } : {}),
  };
}
