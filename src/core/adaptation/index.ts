export { ADAPTED_METHOD, type AdaptOptions, adaptModel, fitHeads } from "./adaptModel.ts";
export { FIT_DEFAULTS, fitDiscriminant, fittingWork } from "./fitHead.ts";
export { adaptationInputs, MAX_IMAGES, MAX_REFIT_IMAGES, seedOf, VIEWS } from "./sample.ts";
export { admitsSecond, type BranchRows, SECOND_FROM, type SecondNetwork } from "./secondNetwork.ts";
