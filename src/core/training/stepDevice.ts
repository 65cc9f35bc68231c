import { availableParallelism } from "node:os";
import { InferenceSession } from "onnxruntime-node";
import type { Device, DeviceUse } from "../../shared/index.ts";
import { failureReason } from "../runtime/index.ts";

export interface Execution {
  /** The CPU where absent. */
  readonly device?: Device;
  /** Of the CPU; all cores but one where absent. The bits of a training depend on it. */
  readonly threads?: number;
}

export function sessionOptions({ device = "cpu", threads }: Execution): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    graphOptimizationLevel: "all",
    intraOpNumThreads: threads ?? Math.max(1, availableParallelism() - 1),
    // DirectML supports neither memory patterns nor parallel execution.
    ...(device === "dml" ? { enableMemPattern: false, executionMode: "sequential" as const } : {}),
  };
}

/**
 * Loads a graph on a device, and says how much of it is there: all of it; all but the operators that the device lacks,
 * which onnxruntime hands to the CPU; or, where it cannot be loaded there, nothing.
 * @param more options beside those of the execution
 */
export async function openOnDevice(
  bytes: Uint8Array,
  execution: Execution,
  more: InferenceSession.SessionOptions,
): Promise<{ readonly session: InferenceSession; readonly use: DeviceUse }> {
  const { device = "cpu" } = execution;
  const open = (where: Device, options: InferenceSession.SessionOptions = {}) =>
    InferenceSession.create(bytes, { ...sessionOptions({ ...execution, device: where }), ...more, ...options });
  if (device === "cpu") return { session: await open("cpu"), use: { used: "cpu", reason: null } };
  try {
    const session = await open(device, { extra: { session: { disable_cpu_ep_fallback: "1" } } });
    return { session, use: { used: device, reason: null } };
  } catch {
    // Below: without that option, it works in part or says why it does not.
  }
  try {
    const session = await open(device);
    return { session, use: { used: device, reason: `operators that ${device} lacks run on the CPU` } };
  } catch (error) {
    return { session: await open("cpu"), use: { used: "cpu", reason: `${device}: ${failureReason(error)}` } };
  }
}
