/** File name endings that are looked at as images, lower case, without the dot. The manifest's menus hold the same list. */
export const IMAGE_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "gif", "avif", "tif", "tiff", "svg"] as const;

const ENDING = new RegExp(`\\.(${IMAGE_EXTENSIONS.join("|")})$`, "i");

/** Whether a file is taken for an image, by its name alone. */
export function isImageName(name: string): boolean {
  return ENDING.test(name);
}

/** The label of an image without another one: the name of the folder that holds it, as in most data sets; empty at the top. */
export function folderLabel(path: string): string {
  return path.split("/").at(-2) ?? "";
}
