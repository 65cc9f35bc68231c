import type { TrainingOptions } from "../../../shared/index.ts";

/** How far a training goes, and how fast at each step. */
export interface Schedule {
  readonly epochs: number;
  /** All steps, in place of epochs: `wholeEpochs` takes them over. */
  readonly steps?: number | null;
  /** From these steps on the learning rate is a tenth, a hundredth and so on, in place of `DECAYS`. */
  readonly decaySteps?: readonly number[] | null;
  readonly learningRate: number;
  /** Over so many first steps the learning rate rises to its full height; 0: it starts there. */
  readonly warmupSteps: number;
}

/** @param defaults where the options say nothing */
export function scheduleOf(
  given: Pick<TrainingOptions, "epochs" | "steps" | "learningRate" | "decaySteps" | "warmupSteps">,
  defaults: Pick<Schedule, "epochs" | "learningRate">,
): Schedule {
  const { epochs, steps, learningRate, decaySteps, warmupSteps } = given;
  return {
    ...{ epochs: epochs ?? defaults.epochs, learningRate: learningRate ?? defaults.learningRate },
    ...{ steps, decaySteps, warmupSteps },
  };
}

/** A schedule in whole epochs: what is given in steps is as many as come nearest, at least one. */
export function wholeEpochs(schedule: Schedule, stepsPerEpoch: number): Schedule {
  const { steps = null } = schedule;
  return steps === null ? schedule : { ...schedule, epochs: Math.max(1, Math.round(steps / stepsPerEpoch)) };
}

/** From these shares of the epochs on, the learning rate is a tenth, then a hundredth (epochs 12 and 16 of 20). */
const DECAYS = [0.6, 0.8];

/**
 * The rise is linear (Goyal et al. 2017, section 2.2): the first step of n has an n-th of the rate, the n-th all of it.
 * @param epoch from 0
 * @param step of the training, from 0
 */
export function learningRateAt(
  { epochs, learningRate, warmupSteps, decaySteps = null }: Schedule,
  epoch: number,
  step: number,
): number {
  const decays =
    decaySteps === null
      ? DECAYS.filter((share) => epoch >= share * epochs).length
      : decaySteps.filter((from) => step >= from).length;
  const decayed = learningRate * 0.1 ** decays;
  return step < warmupSteps ? decayed * ((step + 1) / warmupSteps) : decayed;
}
