import type { Device, DeviceChoice, DeviceReport, DeviceTrial } from "../../shared/index.ts";
import { type Climb, climbBatch } from "./batch.ts";
import { autoCandidates, impossible, type Platform, unpromising } from "./candidates.ts";
import type { DeviceNotes } from "./deviceNotes.ts";
import { failureReason } from "./failureReason.ts";
import type { ModelSession } from "./modelSession.ts";
import { firstImage, type ProbeImages, proveSession } from "./probe.ts";

export interface ChooseOptions {
  readonly asked: DeviceChoice;
  readonly platform: Platform;
  readonly images: ProbeImages;
  readonly notes: DeviceNotes;
  open(device: Device): Promise<ModelSession>;
  /** Milliseconds. */
  readonly now?: () => number;
}

export interface Choice {
  readonly session: ModelSession;
  readonly report: DeviceReport;
}

interface Proven extends Climb {
  readonly device: Device;
  readonly session: ModelSession;
}

/**
 * Finds the device of a model: each candidate has to give the CPU's outputs, and the fastest one that does is kept.
 * A device that was asked for by name is kept where it works, however fast; where it does not, the CPU is.
 * @throws what the CPU throws: without it nothing works
 */
export async function chooseDevice(options: ChooseOptions): Promise<Choice> {
  const { asked, platform, images, now } = options;
  const candidates = asked === "auto" ? autoCandidates(platform) : asked === "cpu" ? [] : [asked];
  const cpu = await options.open("cpu");
  const proven: Proven[] = [];
  const tried: DeviceTrial[] = [];
  try {
    const reference = await cpu.run(images.pixels, images.count);
    for (const device of candidates) {
      const result = await tryDevice(device, options, reference);
      if (typeof result !== "string") proven.push(result);
      tried.push(
        typeof result === "string"
          ? { device, ok: false, reason: result, imagesPerSecond: null }
          : { device, ok: true, reason: null, imagesPerSecond: result.imagesPerSecond },
      );
    }
    // The CPU's speed is only of interest where it may be chosen.
    if (asked === "auto" || proven.length === 0) {
      const climb = await climbBatch(cpu, firstImage(images), "cpu", now);
      proven.push({ device: "cpu", session: cpu, ...climb });
      tried.push({ device: "cpu", ok: true, reason: null, imagesPerSecond: climb.imagesPerSecond });
    }
  } catch (error) {
    await Promise.all([cpu, ...proven.map(({ session }) => session)].map((session) => session.release()));
    throw error;
  }
  const best = proven.reduce((a, b) => (b.imagesPerSecond > a.imagesPerSecond ? b : a));
  const losers = new Set([cpu, ...proven.map(({ session }) => session)]);
  losers.delete(best.session);
  await Promise.all([...losers].map((session) => session.release()));
  const reason = best.device === "cpu" && asked !== "cpu" ? reasonForCpu(asked, tried, platform) : null;
  return { session: best.session, report: { asked, used: best.device, reason, tried, batch: best.batch } };
}

/** @returns the reason where it cannot be used */
async function tryDevice(device: Device, options: ChooseOptions, reference: Float32Array): Promise<Proven | string> {
  const { asked, platform, notes } = options;
  const reason =
    impossible(device, platform) ?? (asked === "auto" ? unpromising(device, platform) : null) ?? notes.leftover(device);
  if (reason !== null) return reason;
  const done = notes.begin(device);
  let session: ModelSession | undefined;
  try {
    session = await options.open(device);
    return { device, session, ...(await proveSession(session, device, options.images, reference, options.now)) };
  } catch (error) {
    await session?.release().catch(() => {});
    return failureReason(error);
  } finally {
    done();
  }
}

function reasonForCpu(asked: DeviceChoice, tried: readonly DeviceTrial[], { os, arch }: Platform): string {
  const others = tried.filter(({ device }) => device !== "cpu");
  if (asked !== "auto") return others[0]?.reason ?? "";
  if (others.length === 0) return `onnxruntime has no GPU device for ${os}-${arch}`;
  const cpu = tried.find(({ device }) => device === "cpu")?.imagesPerSecond ?? 0;
  return others
    .map(({ device, reason, imagesPerSecond }) =>
      imagesPerSecond === null
        ? `${device}: ${reason}`
        : `${device}: it works, but is slower (${imagesPerSecond.toFixed(1)} images/s, the CPU ${cpu.toFixed(1)})`,
    )
    .join("; ");
}
