export { type Appearance, type AppearanceDistance, appearanceDistance, appearanceOf } from "./appearance.ts";
export {
  type DecodedImage,
  decodeForModel,
  decodePicture,
  makeThumbnail,
  type Picture,
  type ThumbnailImage,
} from "./decode.ts";
export { ImageError, readFailure } from "./failures.ts";
export { type FoundImage, type FoundImages, findImages } from "./find.ts";
export { decodeViews } from "./views.ts";
