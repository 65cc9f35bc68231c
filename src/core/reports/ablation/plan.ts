import type { AblationCell, AblationLosses, AblationTricks, TrainingOptions } from "../../../shared/index.ts";

/** What a cell asks of a training. */
export function optionsOf(cell: AblationCell, given: TrainingOptions): TrainingOptions {
  const { labelSmoothing, temperature } = TRICKS[cell.tricks](given);
  return {
    ...given,
    descriptors: cell.config,
    seed: cell.seed,
    classification: CLASSIFICATION[cell.losses](given),
    labelSmoothing,
    temperature,
  };
}

const CLASSIFICATION: Readonly<Record<AblationLosses, (given: TrainingOptions) => TrainingOptions["classification"]>> =
  {
    ranking: () => "none",
    "ranking+classification": ({ classification }) => (classification === "none" ? "softmax" : classification),
  };

/** Without a trick its parameter has no effect: no smoothing, a temperature of 1. */
const TRICKS: Readonly<
  Record<AblationTricks, (given: TrainingOptions) => Pick<TrainingOptions, "labelSmoothing" | "temperature">>
> = {
  none: () => ({ labelSmoothing: 0, temperature: 1 }),
  ls: ({ labelSmoothing }) => ({ labelSmoothing, temperature: 1 }),
  ts: ({ temperature }) => ({ labelSmoothing: 0, temperature }),
  both: ({ labelSmoothing, temperature }) => ({ labelSmoothing, temperature }),
};
