import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { DEVICE_CHOICES, DEVICES, type DeviceChoice, type DeviceReport } from "../../shared/index.ts";
import { makeFolder } from "../files/index.ts";

/** A verdict is found anew after this much time: not everything that decides it can be seen from here. Milliseconds. */
export const LIFETIME = 7 * 24 * 3600_000;

const speed = v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0)));
const reason = v.nullable(v.string());

const VerdictSchema = v.object({
  format: v.literal(1),
  key: v.string(),
  /** Milliseconds since 1970. */
  time: v.number(),
  report: v.object({
    asked: v.picklist(DEVICE_CHOICES),
    used: v.picklist(DEVICES),
    reason,
    tried: v.array(v.object({ device: v.picklist(DEVICES), ok: v.boolean(), reason, imagesPerSecond: speed })),
    batch: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64)),
  }),
});

/** What was found out about the devices of this machine, kept on disk per model and choice. */
export interface Verdicts {
  /** undefined where there is none that still holds. */
  read(asked: DeviceChoice): DeviceReport | undefined;
  /** Keeps a verdict where the folder can be written; it is only a matter of time if not. */
  write(report: DeviceReport): void;
  /** Drops every verdict on the model. */
  forget(): void;
}

/** @param facts what the verdict depends on beside the model: versions and drivers */
export function verdicts(
  folder: string,
  model: string,
  facts: readonly string[],
  now: () => number = Date.now,
): Verdicts {
  const key = createHash("sha256")
    .update(JSON.stringify([model, ...facts]))
    .digest("hex");
  const file = (asked: DeviceChoice) => join(folder, `${model.slice(0, 16)}-${asked}.json`);
  return {
    read(asked) {
      let json: unknown;
      try {
        json = JSON.parse(readFileSync(file(asked), "utf8"));
      } catch {
        return undefined;
      }
      const parsed = v.safeParse(VerdictSchema, json);
      if (!parsed.success || parsed.output.key !== key || parsed.output.report.asked !== asked) return undefined;
      const age = now() - parsed.output.time;
      return age >= 0 && age < LIFETIME ? parsed.output.report : undefined;
    },
    write(report) {
      const target = file(report.asked);
      const verdict: v.InferOutput<typeof VerdictSchema> = {
        format: 1,
        key,
        time: now(),
        report: { ...report, tried: [...report.tried] },
      };
      const aside = `${target}.${process.pid}`;
      try {
        makeFolder(folder);
        // Written aside and renamed: a reader never sees half of it.
        writeFileSync(aside, JSON.stringify(verdict));
        renameSync(aside, target);
      } catch {
        // Found anew next time. What a full disk took of it goes.
        remove(aside);
      }
    },
    forget() {
      // A verdict that stays is used once more.
      for (const asked of DEVICE_CHOICES) remove(file(asked));
    },
  };
}

/** Where nothing is kept on disk. */
export const NO_VERDICTS: Verdicts = { read: () => undefined, write: () => {}, forget: () => {} };

/** Where it can be. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It stays.
  }
}
