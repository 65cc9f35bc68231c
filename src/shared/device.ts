/** Where a model can run. The names are those of onnxruntime's execution providers. */
export const DEVICES = ["cpu", "webgpu", "cuda", "dml", "coreml"] as const;

export type Device = (typeof DEVICES)[number];

/** What a user may ask for: a device, or the fastest one that works here. */
export type DeviceChoice = "auto" | Device;

export const DEVICE_CHOICES: readonly DeviceChoice[] = ["auto", ...DEVICES];

/** What trying one device gave. */
export interface DeviceTrial {
  readonly device: Device;
  /** Its outputs agree with the CPU's, and no node of the graph ran anywhere else. */
  readonly ok: boolean;
  /** Why it cannot be used; null where it can. */
  readonly reason: string | null;
  /** Of wall time at the best batch that was tried; null where it cannot be used. */
  readonly imagesPerSecond: number | null;
}

/** Which device a model runs on, and why that one. */
export interface DeviceReport {
  readonly asked: DeviceChoice;
  readonly used: Device;
  /** Why it is not the one that was asked for or, with `auto`, why no GPU is used; null where there is nothing to explain. */
  readonly reason: string | null;
  /** In the order of trying. */
  readonly tried: readonly DeviceTrial[];
  /** Images per run. */
  readonly batch: number;
}

/** Where a graph runs. */
export interface DeviceUse {
  readonly used: Device;
  /** Why it does not run, or not as a whole, on another device; null where there is nothing to explain. */
  readonly reason: string | null;
}

/** Whether a user asked for a device and got another. */
export function isFallback({ asked, used }: DeviceReport): boolean {
  return asked !== "auto" && asked !== used;
}
