export { ADAPTED_METHOD, type AdaptOptions, adaptModel, fitHeads } from "./adaptModel.ts";
export { MIN_IMAGES } from "./sample.ts";
