export { ADAPTED_METHOD, type AdaptOptions, adaptModel, fitHeads } from "./adaptModel.ts";
export { FIT_DEFAULTS, fitDiscriminant } from "./fitHead.ts";
export { chooseSample, dimFor, MIN_IMAGES, seedOf } from "./sample.ts";
