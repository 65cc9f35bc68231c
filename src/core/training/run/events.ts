import type { TrainingEvent, TrainingPhase } from "../../../shared/index.ts";
import { Rate } from "../../../shared/index.ts";

export type Emit = (event: TrainingEvent) => void;

/** Milliseconds between two progress events of a phase. */
const EVERY = 250;

/** Tells how far a phase is, a few times a second. */
export class PhaseProgress {
  readonly #emit: Emit;
  readonly #phase: TrainingPhase;
  readonly #total: number;
  readonly #imagesPerStep: number;
  readonly #rate = new Rate(performance.now());
  #last = Number.NEGATIVE_INFINITY;
  /** Where a resumed run goes on: what was done before says nothing of today's speed. */
  #before: number;

  /** @param imagesPerStep images that one of `total` steps stands for */
  constructor(emit: Emit, phase: TrainingPhase, total: number, imagesPerStep = 1, before = 0) {
    this.#emit = emit;
    this.#phase = phase;
    this.#total = total;
    this.#imagesPerStep = imagesPerStep;
    this.#before = before;
    this.note(before);
  }

  note(done: number): void {
    const now = performance.now();
    if (done > this.#before) this.#rate.note(done - this.#before, now);
    if (now - this.#last < EVERY && done < this.#total) return;
    this.#last = now;
    this.#emit({
      type: "progress",
      phase: this.#phase,
      done,
      total: this.#total,
      imagesPerSecond: this.#rate.perSecond() * this.#imagesPerStep,
      secondsLeft: done > this.#before ? this.#rate.secondsLeft(this.#total - this.#before) : null,
    });
  }
}
