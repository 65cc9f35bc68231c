export { CannotTrainError } from "./errors.ts";
export { type FullStepOptions, openFullStep } from "./fullStep.ts";
export { type HeadStepOptions, openHeadStep } from "./headStep.ts";
export type { HeadInput, LossOptions, PixelInput, StepReport, TrainingState, TrainingStep } from "./trainingStep.ts";
