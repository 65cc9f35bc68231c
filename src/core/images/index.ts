export { BufferPool } from "./bufferPool.ts";
export {
  type DecodedImage,
  decodeBytes,
  decodeForModel,
  type ImageFile,
  makeThumbnail,
  readImage,
  type ThumbnailImage,
} from "./decode.ts";
export { ImageError, isGone } from "./failures.ts";
export { type FindOptions, type FoundImage, type FoundImages, findImages, walkImages } from "./find.ts";
export { trialDecode } from "./trialDecode.ts";
export { decodeViews } from "./views.ts";
