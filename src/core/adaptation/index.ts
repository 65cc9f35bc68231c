export { ADAPTED_METHOD, type AdaptOptions, adaptModel, fitHeads } from "./adaptModel.ts";
export { FIT_DEFAULTS, fitDiscriminant, fittingWork } from "./fitHead.ts";
export { adaptationInputs, MAX_IMAGES, MIN_IMAGES, seedOf, VIEWS } from "./sample.ts";
