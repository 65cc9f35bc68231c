import { InferenceSession } from "onnxruntime-node";
import type { Device, DeviceUse } from "../../shared/index.ts";
import { failureReason, sessionOptions } from "../runtime/index.ts";

export interface Execution {
  /** The CPU where absent. */
  readonly device?: Device;
  /** Of the CPU; one for each core where absent. The bits of a training depend on it. */
  readonly threads?: number;
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
  const { device = "cpu", threads } = execution;
  const open = (where: Device, inPart = false) =>
    InferenceSession.create(bytes, { ...sessionOptions(where, { threads, inPart }), ...more });
  if (device === "cpu") return { session: await open("cpu"), use: { used: "cpu", reason: null } };
  try {
    const session = await open(device);
    return { session, use: { used: device, reason: null } };
  } catch {
    // Below it works in part, or says why it does not.
  }
  try {
    const session = await open(device, true);
    return { session, use: { used: device, reason: `operators that ${device} lacks run on the CPU` } };
  } catch (error) {
    return { session: await open("cpu"), use: { used: "cpu", reason: `${device}: ${failureReason(error)}` } };
  }
}
