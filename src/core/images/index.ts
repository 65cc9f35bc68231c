export type { AboutImage } from "./about.ts";
export {
  type Appearance,
  type AppearanceDistance,
  appearanceDistance,
  appearanceOf,
  appearanceOfPixels,
} from "./appearance.ts";
export { ones } from "./bits.ts";
export { BufferPool } from "./bufferPool.ts";
export { type CropOptions, decodeCrops, placeCrop, uncropped } from "./crops.ts";
export {
  type DecodedImage,
  decodeBytes,
  decodeForModel,
  decodePicture,
  type ImageFile,
  makeThumbnail,
  type Picture,
  readImage,
  readImageFile,
  type ThumbnailImage,
} from "./decode.ts";
export { ImageError, isGone } from "./failures.ts";
export {
  type FindOptions,
  type FoundImage,
  type FoundImages,
  findImages,
  PUT_AWAY_FOLDER,
  walkImages,
  wantedIn,
} from "./find.ts";
export { resizedInput } from "./fit.ts";
export { aboutImage, imageFrames, limitDecoding, withImage } from "./open.ts";
export { Room } from "./room.ts";
export { shadowFolder } from "./shadows.ts";
export { trialDecode } from "./trialDecode.ts";
export { decodeViews } from "./views.ts";
