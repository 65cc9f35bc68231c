export { showPicture } from "./pictureEditor.ts";
