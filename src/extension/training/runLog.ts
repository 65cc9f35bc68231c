import {
  type AblationProgress,
  type RunProgress,
  sameCell,
  type TrainingData,
  type TrainingEvent,
  type TrainingRunInfo,
} from "../../shared/index.ts";
import { LossCurve } from "./lossCurve.ts";

/** Warnings that are kept; a run with more of them tells nothing new. */
const WARNINGS = 20;

/** What the events of a run come to. */
export class RunLog {
  readonly #losses = new LossCurve();
  #progress: Omit<RunProgress, "losses">;
  #data: TrainingData | null = null;
  #paused = false;

  constructor({ name, started }: TrainingRunInfo) {
    this.#progress = {
      name,
      started,
      work: null,
      devices: [],
      baseline: null,
      latest: null,
      evaluations: [],
      examples: null,
      warnings: [],
      result: null,
      ablation: null,
      failure: null,
      elsewhere: null,
    };
  }

  get progress(): RunProgress {
    return { ...this.#progress, losses: this.#losses.points };
  }

  get data(): TrainingData | null {
    return this.#data;
  }

  /** The trainer has said that it waits. */
  get paused(): boolean {
    return this.#paused;
  }

  add(event: TrainingEvent): void {
    // Whatever is told after a failure: it was started again.
    if (event.type !== "failed" && this.#progress.failure !== null) this.#set({ failure: null });
    // And after a folder was prepared: its weights have come.
    if (event.type !== "prepared" && this.#progress.elsewhere !== null) this.#set({ elsewhere: null });
    if (event.type === "paused") this.#paused = true;
    else if (event.type === "resumed" || event.type === "step") this.#paused = false;
    switch (event.type) {
      case "data":
        this.#data = event.data;
        break;
      case "progress": {
        const { type, ...work } = event;
        this.#set({ work });
        break;
      }
      case "device": {
        const { type, ...device } = event;
        this.#set({ devices: [...this.#progress.devices.filter(({ work }) => work !== device.work), device] });
        break;
      }
      case "baseline": {
        const { basis, inUse } = event;
        this.#set({ baseline: event.recalls, ...(basis && { basis }), ...(inUse && { inUse }) });
        break;
      }
      case "step": {
        const { epoch, step, active, p, loss, rankingLoss, classificationLoss } = event;
        this.#losses.add({ step, loss, rankingLoss, classificationLoss });
        this.#set({ latest: { epoch, step, active, p } });
        break;
      }
      case "evaluation": {
        const { epoch, recalls, best, validation } = event;
        const before = this.#progress.evaluations.filter((evaluation) => evaluation.epoch < epoch);
        this.#set({ evaluations: [...before, { epoch, recalls, best, validated: validation !== undefined }] });
        break;
      }
      case "examples":
        this.#set({ examples: { epoch: event.epoch, examples: event.examples } });
        break;
      case "warning":
        if (!this.#progress.warnings.includes(event.message) && this.#progress.warnings.length < WARNINGS)
          this.#set({ warnings: [...this.#progress.warnings, event.message] });
        break;
      case "prepared": {
        const { type, ...elsewhere } = event;
        this.#set({ elsewhere, work: null });
        break;
      }
      case "cell":
      case "results":
      case "ablated":
        this.#set({
          ablation: afterEvent(this.#progress.ablation, event),
          ...(event.type === "ablated" && { work: null }),
        });
        break;
      case "done":
        this.#set({ result: event.result, work: null });
        break;
      case "failed":
        this.#set({ failure: event.message, work: null });
    }
  }

  #set(change: Partial<Omit<RunProgress, "losses">>): void {
    this.#progress = { ...this.#progress, ...change };
  }
}

type AblationEvent = Extract<TrainingEvent, { readonly type: "cell" | "results" | "ablated" }>;

function afterEvent(before: AblationProgress | null, event: AblationEvent): AblationProgress {
  const now = before ?? { done: 0, of: 0, current: null, results: [], tables: null, seconds: 0 };
  if (event.type === "ablated") return { ...now, current: null, tables: event.tables, seconds: event.seconds };
  const { done, of } = event;
  if (event.type === "cell") return { ...now, done, of, current: event.cell };
  // One that was told before, as after a resume, is told anew.
  const others = now.results.filter(({ cell }) => !event.results.some((each) => sameCell(each.cell, cell)));
  return { ...now, done, of, current: null, results: [...others, ...event.results] };
}
