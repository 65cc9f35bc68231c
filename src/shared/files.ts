/** File name endings that are looked at as images, lower case, without the dot. The manifest's menus hold the same list. */
export const IMAGE_EXTENSIONS = [
  "jpg",
  "jpeg",
  "png",
  "webp",
  "gif",
  "avif",
  "tif",
  "tiff",
  "svg",
  "bmp",
  "jfif",
  "jpe",
  "apng",
] as const;

const ENDING = new RegExp(`\\.(${IMAGE_EXTENSIONS.join("|")})$`, "i");

/** Which image files of a folder are indexed. Globs are relative to the folder; one without `/` holds at any depth. */
export interface FileFilter {
  /** Only files that match one of these, or lie in a folder that does; empty or absent: all. */
  readonly include?: readonly string[];
  /** Not those that match one of these, or lie in a folder that does. */
  readonly exclude?: readonly string[];
  /** Leave out what git ignores by `.gitignore` files in the folder, or above it in the same work tree. */
  readonly gitignore?: boolean;
  /** Also what a network disk or a Mac keeps beside the files, such as `@eaDir`; passed over where absent. */
  readonly shadows?: boolean;
  /** Leave out images of which only a part can be read; they are indexed where absent. */
  readonly wholeOnly?: boolean;
}

/** Whether a file is taken for an image, by its name alone. */
export function isImageName(name: string): boolean {
  return ENDING.test(name);
}

/** The name of the folder that holds an image; empty at the top. */
export function folderName(path: string): string {
  return path.split("/").at(-2) ?? "";
}

/** Endings of the files that are read as tables, lower case, without the dot. */
export const TABLE_EXTENSIONS: readonly string[] = ["csv", "tsv", "parquet"];

/** A file that could not be embedded, with the reason in plain words. */
export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
  /**
   * Where nothing is wrong with it: the name of its kind, which is not read (`HEIC`), or `PARTIAL_KIND` of one that a
   * setting leaves out.
   */
  readonly kind?: string;
}

/** See `SkippedFile.kind`. */
export const PARTIAL_KIND = "read in part";
