import { isImageName } from "../../../shared/index.ts";
import { type ImageNames, withoutQuery } from "./imageNames.ts";
import { AMBIGUOUS } from "./pathEnds.ts";

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
  "image_name",
  "img",
  "name",
];
/** Names of a column of file names without an ending. */
const ID_COLUMNS = ["id", "image_id", "imageid", "img_id", "file_id", "stem", "key", "uid", "uuid"];

/** Rows that are looked at. */
export const LOOKED_AT = 100;

/** How the column that names the images was found. */
export interface PathColumn {
  readonly at: number;
  /** By what it holds, not by its name. */
  readonly guessed: boolean;
}

/**
 * The column that names the images: by its name, else one whose values are names of image files, else one whose values are
 * such names without their endings.
 * @param rows the first ones
 * @param images where absent, nothing without an ending is found
 * @returns undefined where there is none
 */
export function pathColumn(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  images?: ImageNames,
): PathColumn | undefined {
  const valuesOf = (at: number) => rows.map((row) => row[at]!.trim()).filter((value) => value !== "");
  const isPaths = (at: number) => {
    const values = valuesOf(at);
    return values.length > 0 && values.every((value) => isImageName(withoutQuery(value)));
  };
  const named = namedBy(columns, PATH_COLUMNS);
  // "name" may well be the name of a person, beside a column of files under another heading.
  const sure = named.find(isPaths);
  if (sure !== undefined) return { at: sure, guessed: false };
  const filled = [...columns.keys()].find(isPaths);
  if (filled !== undefined) return { at: filled, guessed: true };
  if (images !== undefined) {
    const finds = (value: string) => {
      const found = images.find(value);
      return found !== undefined && found !== AMBIGUOUS;
    };
    const ids = [...named, ...namedBy(columns, ID_COLUMNS)].find((at) => valuesOf(at).some(finds));
    if (ids !== undefined) return { at: ids, guessed: false };
    // Values that come twice are labels rather than names.
    const other = [...columns.keys()].find((at) => {
      const values = valuesOf(at);
      return values.length > 1 && new Set(values).size === values.length && values.every(finds);
    });
    if (other !== undefined) return { at: other, guessed: true };
  }
  return named[0] === undefined ? undefined : { at: named[0], guessed: false };
}

/** Columns by the order of some names; a field of a group (`image.path`) comes after columns of its own name. */
function namedBy(columns: readonly string[], names: readonly string[]): number[] {
  const lower = columns.map((name) => name.trim().toLowerCase());
  const fields = lower.map((name) => (name.includes(".") ? name.slice(name.lastIndexOf(".") + 1) : ""));
  return [...names.map((name) => lower.indexOf(name)), ...names.map((name) => fields.indexOf(name))].filter(
    (at) => at >= 0,
  );
}
