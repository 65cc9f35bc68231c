export { ADAPTED_METHOD, type AdaptOptions, adaptModel, fitHeads } from "./adaptModel.ts";
export { FIT_DEFAULTS, fitDiscriminant, fittingWork } from "./fitHead.ts";
export { ASKED_FROM, admitted, type BranchRows, weightsOf } from "./gate.ts";
export type { SecondNetwork } from "./guests.ts";
export { adaptationInputs, MAX_IMAGES, MAX_REFIT_IMAGES, seedOf, VIEWS } from "./sample.ts";
