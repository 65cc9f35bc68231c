/** How far a training goes, and how fast at each step. */
export interface Schedule {
  readonly epochs: number;
  readonly learningRate: number;
  /** Over so many first steps the learning rate rises to its full height; 0: it starts there. */
  readonly warmupSteps: number;
}

/** From these shares of the epochs on, the learning rate is a tenth, then a hundredth (epochs 12 and 16 of 20). */
const DECAYS = [0.6, 0.8];

/**
 * The rise is linear (Goyal et al. 2017, section 2.2): the first step of n has an n-th of the rate, the n-th all of it.
 * @param epoch from 0
 * @param step of the training, from 0
 */
export function learningRateAt({ epochs, learningRate, warmupSteps }: Schedule, epoch: number, step: number): number {
  const decayed = learningRate * 0.1 ** DECAYS.filter((share) => epoch >= share * epochs).length;
  return step < warmupSteps ? decayed * ((step + 1) / warmupSteps) : decayed;
}
