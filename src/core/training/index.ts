export { TrainingError } from "./data/trainingError.ts";
export { CannotTrainError } from "./errors.ts";
export { type FullStepOptions, openFullStep } from "./fullStep.ts";
export { type HeadStepOptions, openHeadStep } from "./headStep.ts";
export { StoppedEarly, TrainingControl } from "./run/control.ts";
export { readRunInfo } from "./run/runInfo.ts";
export { type RunOptions, runTraining } from "./run/runTraining.ts";
export { readTrainingData } from "./run/trainingData.ts";
export type { HeadInput, LossOptions, PixelInput, StepReport, TrainingState, TrainingStep } from "./trainingStep.ts";
