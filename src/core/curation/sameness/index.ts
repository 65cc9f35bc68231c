export { Looks } from "./looks.ts";
export { PictureComparer } from "./pictureComparer.ts";
