export { Looks } from "./looks.ts";
export { PictureComparer, type Sameness } from "./pictureComparer.ts";
