/** How far a training goes, and how fast at each step. */
export interface Schedule {
  readonly epochs: number;
  readonly learningRate: number;
}

/** From these shares of the epochs on, the learning rate is a tenth, then a hundredth (epochs 12 and 16 of 20). */
const DECAYS = [0.6, 0.8];

/** @param epoch from 0 */
export function learningRateAt({ epochs, learningRate }: Schedule, epoch: number): number {
  return learningRate * 0.1 ** DECAYS.filter((share) => epoch >= share * epochs).length;
}
