import { join } from "node:path";
import {
  RUN_FILES,
  type RunProgress,
  type TrainingData,
  type TrainingRunInfo,
  type TrainingStage,
} from "../../shared/index.ts";
import { EventTail } from "./eventTail.ts";
import { type Control, readControl, readSign } from "./runFiles.ts";
import { RunLog } from "./runLog.ts";
import { isAlive } from "./trainerProcess.ts";

/** A run as it stands. */
export interface RunView {
  readonly stage: Exclude<TrainingStage, "choosing">;
  readonly progress: RunProgress;
  /** As the trainer counted it. */
  readonly data: TrainingData | null;
  /** Why its process is gone, where that is known. */
  readonly ended: string | undefined;
}

export interface RunWatch {
  readonly info: TrainingRunInfo;
  readonly view: RunView;
  follow(changed: (view: RunView) => void, interval: number): void;
  /** Reads at once what is new. */
  refresh(): Promise<void>;
  dispose(): void;
}

/**
 * Reads a run from its files.
 * @param run absolute path of its folder
 * @param ended why its process ended, where that is known
 */
export async function watchRun(
  run: string,
  info: TrainingRunInfo,
  ended: () => string | undefined = () => undefined,
): Promise<RunWatch> {
  const tail = new EventTail(join(run, RUN_FILES.events));
  const log = new RunLog(info);
  let view: RunView;
  let timer: NodeJS.Timeout | undefined;
  let tell = (_: RunView) => {};
  let reading: Promise<void> | undefined;

  const look = async () => {
    // Before the events: what a process wrote before it ended is read after it was seen to have ended.
    const alive = await isAlive(run, await readSign(run));
    const control = await readControl(run);
    const events = await tail.read();
    for (const event of events) log.add(event);
    const stage = stageOf(log, alive, control);
    if (view !== undefined && events.length === 0 && stage === view.stage && ended() === view.ended) return;
    view = { stage, progress: log.progress, data: log.data, ended: ended() };
    tell(view);
  };
  const refresh = () => {
    // One at a time: two readers would share an offset.
    reading ??= look().finally(() => {
      reading = undefined;
    });
    return reading;
  };

  await refresh();
  return {
    info,
    get view() {
      return view;
    },
    follow(changed, interval) {
      tell = changed;
      // A file system that fails for a moment is read again at the next look.
      timer = setInterval(() => void refresh().catch(() => {}), interval);
    },
    refresh,
    dispose() {
      clearInterval(timer);
      tell = () => {};
    },
  };
}

function stageOf(log: RunLog, alive: boolean, control: Control): RunView["stage"] {
  if (log.progress.result !== null || log.progress.ablation?.tables != null) return "done";
  if (log.progress.failure !== null) return "failed";
  if (!alive) return log.progress.elsewhere === null ? "interrupted" : "waiting";
  if (control === "stop") return "stopping";
  if (control === "pause") return log.paused ? "paused" : "pausing";
  return "running";
}
