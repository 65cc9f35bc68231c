/** A history of thousands of trainings, as when the folder was copied from elsewhere: read with few files open, then forgotten. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TrainingRuns } from "../../../src/extension/training/trainingRuns.ts";
import { RUN_FILES, TRAINING_DEFAULTS, type TrainingRunInfo } from "../../../src/shared/index.ts";

const RUNS = 3_000;

test("all are read, the latest first, with few files open at a time", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lookalike-many-runs-"));
  try {
    for (let i = 0; i < RUNS; i++) {
      const run = join(folder, `20260101T${String(i).padStart(9, "0")}-abcdef`);
      mkdirSync(run);
      const options = { ...TRAINING_DEFAULTS, folder: "/pictures" };
      const info: TrainingRunInfo = { format: 1, name: `run ${i}`, options, started: "2026-01-01T00:00:00.000Z" };
      writeFileSync(join(run, RUN_FILES.info), JSON.stringify(info));
      writeFileSync(join(run, RUN_FILES.events), '{"type":"failed","message":"no"}\n');
    }
    const runs = new TrainingRuns({ folder, trainer: "/none" });
    let most = 0;
    const watch = setInterval(() => {
      if (process.platform === "linux") most = Math.max(most, readdirSync("/proc/self/fd").length);
    }, 5);
    const listed = await runs.list();
    clearInterval(watch);
    expect(listed.map(({ info }) => info.name)).toEqual(Array.from({ length: RUNS }, (_, i) => `run ${RUNS - 1 - i}`));
    expect(most).toBeLessThan(300);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
