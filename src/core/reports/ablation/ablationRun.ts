import { promises as fs } from "node:fs";
import { join } from "node:path";
import type { AblationAxes, AblationReport, TrainingEvent, TrainingRunInfo } from "../../../shared/index.ts";
import { RunFolder, TrainingControl } from "../../training/index.ts";
import { runAblation } from "./runAblation.ts";
import { writeTables } from "./tableFiles.ts";

/** What the trainings of an ablation tell that is of use beside each other: not every step of every one. */
const TOLD: ReadonlySet<TrainingEvent["type"]> = new Set(["data", "device", "progress", "warning"]);

/**
 * An ablation as a run: it tells of itself in its folder, and can be stopped there. Stopped or killed, it keeps what its trainings
 * found, and a second call goes on. The tables are written beside.
 * @param model finds the file of the model to start from; where that fails, the run tells so
 * @throws TrainingError where the data allow no training, also told as the event `failed`; the signal's reason, or that it was stopped
 */
export async function ablationRun(
  { options, ablation }: TrainingRunInfo & { readonly ablation: AblationAxes },
  runFolder: string,
  { model, signal }: { readonly model: () => Promise<string>; readonly signal?: AbortSignal | undefined },
): Promise<AblationReport> {
  const started = performance.now();
  const folder = await RunFolder.take(runFolder);
  const stop = new AbortController();
  const ends = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  try {
    const control = new TrainingControl();
    control.follow((word) => {
      if (word === "stop") stop.abort(new Error("The ablation was stopped. It can be resumed."));
    });
    await folder.follow(control);
    const report = await runAblation(ablation, options, runFolder, {
      model: await model(),
      signal: ends,
      onCell: (cell, done, of) => folder.append({ type: "cell", cell, done, of }),
      onResults: (results, done, of) => folder.append({ type: "results", results, done, of }),
      onEvent: (event) => {
        if (TOLD.has(event.type)) folder.append(event);
      },
    });
    await writeTables(report, runFolder);
    const tables = join(await fs.realpath(runFolder), "ablation.md");
    folder.append({ type: "ablated", tables, seconds: (performance.now() - started) / 1000 });
    return report;
  } catch (error) {
    if (!ends.aborted)
      folder.append({ type: "failed", message: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    await folder.release();
  }
}
