import { join } from "node:path";
import { DEVICES, type Device, type DeviceChoice, type InputSpec } from "../../shared/index.ts";
import { dataFolder } from "../files/index.ts";
import type { Platform } from "./candidates.ts";
import { type Choice, chooseDevice } from "./chooseDevice.ts";
import { type DeviceNotes, deviceNotes, NO_NOTES } from "./deviceNotes.ts";
import { machineFacts } from "./machine.ts";
import type { ModelSession } from "./modelSession.ts";
import { firstImage, type ProbeImages, probeImages } from "./probe.ts";
import { NO_VERDICTS, type Verdicts, verdicts } from "./verdicts.ts";

export interface SettleOptions {
  readonly asked: DeviceChoice;
  /** Fingerprint of the model. */
  readonly model: string;
  readonly input: Pick<InputSpec, "width" | "height">;
  readonly platform: Platform;
  /** Where verdicts and notes are kept; nothing is kept where absent. */
  readonly folder: string | undefined;
  /** Forget what is kept first. */
  readonly fresh: boolean;
  open(device: Device): Promise<ModelSession>;
}

/** Where verdicts lie: in the user's data folder, the same for every front end. */
export function deviceFolder(): string {
  return join(dataFolder(), "devices");
}

/** The device of a model: by the verdict that is kept where it still holds and works, else by trying. */
export async function settleDevice(options: SettleOptions): Promise<Choice> {
  const { asked, model, folder, fresh } = options;
  const kept: Verdicts = folder === undefined ? NO_VERDICTS : verdicts(folder, model, machineFacts());
  const notes: DeviceNotes = folder === undefined ? NO_NOTES : deviceNotes(folder, model);
  if (fresh) {
    kept.forget();
    notes.clear(DEVICES);
  }
  const images = probeImages(options.input);
  const report = kept.read(asked);
  if (report !== undefined && notes.leftover(report.used) === null) {
    const session = await openKept(report.used, options, notes, images);
    if (session !== undefined) return { session, report };
  }
  const choice = await chooseDevice({ asked, platform: options.platform, images, notes, open: options.open });
  kept.write(choice.report);
  // Only now, and only these: the verdict has taken over what the notes say.
  notes.clear(choice.report.tried.map(({ device }) => device));
  return choice;
}

/** @returns undefined where the device no longer works */
async function openKept(
  device: Device,
  { open }: SettleOptions,
  notes: DeviceNotes,
  images: ProbeImages,
): Promise<ModelSession | undefined> {
  if (device === "cpu") return open("cpu");
  const done = notes.begin(device);
  let session: ModelSession | undefined;
  try {
    session = await open(device);
    await session.run(firstImage(images), 1);
    return session;
  } catch {
    await session?.release().catch(() => {});
    return undefined;
  } finally {
    done();
  }
}
