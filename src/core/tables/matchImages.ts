import { dirname, isAbsolute, relative, sep } from "node:path";
import { isImageName } from "../../shared/index.ts";

/** Names of a column that says which image a row is about, lower case, the best first. */
const PATH_COLUMNS = [
  "path",
  "file_path",
  "filepath",
  "image_path",
  "image",
  "file",
  "filename",
  "file_name",
  "img",
  "name",
];

/** Which rows of a table are about which images. */
export interface ImageMatch {
  /** int32, per image: its row in the table, -1 where it has none. Of two rows about one image the later one counts. */
  readonly rowOf: Int32Array;
  /** Paths of the table that are none of the images, in its order. */
  readonly unknown: readonly string[];
}

/**
 * Position of the column that names the images: by its name, else one whose first values are all names of image files.
 * @returns undefined where there is none
 */
export function pathColumn(columns: readonly string[], rows: readonly (readonly string[])[]): number | undefined {
  const names = columns.map((name) => name.trim().toLowerCase());
  const isPaths = (column: number) => {
    const values = rows.slice(0, 20).map((row) => row[column]!);
    return values.length > 0 && values.every((value) => isImageName(value.trim()));
  };
  const named = PATH_COLUMNS.map((name) => names.indexOf(name)).filter((at) => at >= 0);
  const filled = [...columns.keys()].find(isPaths);
  // "name" may well be the name of a person, beside a column of files under another heading.
  return named.find(isPaths) ?? filled ?? named[0];
}

/**
 * Finds the image of each row. A path may be relative to the indexed folder or to the table's own, absolute, or a file name
 * that only one image has; `\` counts as `/`.
 * @param values of the path column, by row
 * @param images relative to `folder`, with `/`
 */
export function matchImages(
  values: readonly string[],
  images: readonly string[],
  folder: string,
  table: string,
): ImageMatch {
  const byPath = new Map(images.map((path, i) => [path, i]));
  const byName = new Map<string, number>();
  for (const [i, path] of images.entries()) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    byName.set(name, byName.has(name) ? -1 : i);
  }
  const beside = inside(folder, dirname(table));
  const find = (value: string): number | undefined => {
    const path = isAbsolute(value) ? (inside(folder, value) ?? "") : tidy(value);
    const found = byPath.get(path) ?? (beside ? byPath.get(`${beside}/${path}`) : undefined);
    if (found !== undefined || path.includes("/")) return found;
    const named = byName.get(path);
    return named === -1 ? undefined : named;
  };
  const rowOf = new Int32Array(images.length).fill(-1);
  const unknown: string[] = [];
  for (const [row, value] of values.entries()) {
    const image = find(value.trim());
    if (image === undefined) unknown.push(value);
    else rowOf[image] = row;
  }
  return { rowOf, unknown };
}

/** A path inside the folder, relative to it with `/`; undefined for one outside. */
function inside(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) return undefined;
  return way.split(sep).join("/");
}

function tidy(path: string): string {
  return path.replaceAll("\\", "/").replace(/^(\.\/+)+/, "");
}
