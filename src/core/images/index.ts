export { type CropOptions, decodeCrops } from "./crops.ts";
export { type DecodedImage, decodeForModel, makeThumbnail, type ThumbnailImage } from "./decode.ts";
export { ImageError, readFailure } from "./failures.ts";
export { type FoundImage, type FoundImages, findImages } from "./find.ts";
export { decodeViews } from "./views.ts";
