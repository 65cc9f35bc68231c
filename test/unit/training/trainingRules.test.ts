import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readRunInfo } from "../../../src/core/training/index.ts";
import { readInfo } from "../../../src/extension/training/runFiles.ts";
import { RUN_FILES, readTrainingOptions, TRAINING_DEFAULTS, type TrainingOptions } from "../../../src/shared/index.ts";

const OPTIONS: TrainingOptions = { ...TRAINING_DEFAULTS, folder: "/pictures" };
const INFO = { format: 1, options: OPTIONS, name: "mine", started: "2026-01-02T03:04:05Z" } as const;

const run = mkdtempSync(join(tmpdir(), "lookalike-rules-"));
afterAll(() => rmSync(run, { recursive: true, force: true }));
const keep = (info: unknown) => writeFileSync(join(run, RUN_FILES.info), JSON.stringify(info));

test("window and trainer read a run alike; what an earlier version did not write is as it trained", async () => {
  const whole = {
    ...INFO,
    options: { ...OPTIONS, device: "cpu", lastDownsampling: "removed", batchNorm: "batch", warmupSteps: 7 },
  };
  keep({ ...whole, more: 1, options: { ...whole.options, more: 2 } });
  expect(await readRunInfo(run)).toEqual(whole);
  expect(await readInfo(run)).toEqual(whole);

  const { lastDownsampling: _, batchNorm: __, warmupSteps: ___, ...before } = OPTIONS;
  keep({ ...INFO, options: { ...before, margin: 0.1 } });
  const earlier = {
    ...INFO,
    options: { ...OPTIONS, margin: 0.1, lastDownsampling: null, batchNorm: "frozen", warmupSteps: 0 },
  };
  expect(await readRunInfo(run)).toEqual(earlier);
  expect(await readInfo(run)).toEqual(earlier);
});

test.each([
  [{ ...INFO, format: 2 }, "format is 2"],
  [{ ...INFO, name: undefined }, "name is missing"],
  [{ ...INFO, options: null }, "options is null"],
  [{ ...INFO, options: { ...OPTIONS, seed: 1.5 } }, "options.seed is 1.5"],
  [{ ...INFO, options: { ...OPTIONS, margin: 0 } }, "options.margin is 0"],
  [{ ...INFO, options: { ...OPTIONS, batchNorm: "none" } }, 'options.batchNorm is "none"'],
  [{ ...INFO, options: { ...OPTIONS, warmupSteps: -1 } }, "options.warmupSteps is -1"],
  [{ ...INFO, options: { ...OPTIONS, device: "tpu" } }, 'options.device is "tpu"'],
  [[INFO], "the whole is ["],
])("%j is refused by both, with the place", async (info, place) => {
  keep(info);
  await expect(readRunInfo(run)).rejects.toThrow(`in ${RUN_FILES.info}, ${place}`);
  expect(await readInfo(run)).toBeUndefined();
});

test("every default fits its rule", () => {
  expect(readTrainingOptions(OPTIONS)).toEqual(OPTIONS);
});
