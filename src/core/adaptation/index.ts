export { type AdaptOptions, adaptModel } from "./adaptModel.ts";
export { MIN_IMAGES } from "./sample.ts";
