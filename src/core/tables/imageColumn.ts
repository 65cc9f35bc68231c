import type { ColumnNotes, ImageColumn, LabelColumn } from "../../shared/index.ts";
import type { ColumnValues } from "./columnValues.ts";
import { TableError } from "./errors.ts";
import { inWorker } from "./inWorker.ts";
import { categories, typedColumn } from "./typedColumn.ts";

/**
 * A column of a table, per image; images whose rows have different values have none.
 * @param images relative to `folder`, with `/`
 * @throws TableError where the table cannot be read, has no such column, names no images, or none of these images; the
 *   signal's reason
 */
export async function readImageColumn(
  file: string,
  column: string,
  images: readonly string[],
  folder: string,
  signal?: AbortSignal,
): Promise<{ readonly column: ImageColumn; readonly notes: ColumnNotes }> {
  const { columns, notes, paths } = await inWorker(
    "columns",
    { file, columns: [column], images, folder },
    file,
    signal,
  );
  if (notes.matched === 0 && images.length > 0) {
    throw new TableError(
      `${file} names none of the images in its column "${paths.column}" (the first is "${paths.first}"). ` +
        "Write paths relative to the folder or to the table.",
    );
  }
  return { column: typedColumn(textsOf(columns[0]!)), notes };
}

/** Labels of images from a table. */
export interface ImageLabels {
  /** One per image; none where its rows have different ones. */
  readonly labels: LabelColumn;
  /** All labels of images whose rows have different ones, by image, as places in `labels.names`. */
  readonly several: ReadonlyMap<number, readonly number[]>;
  readonly notes: ColumnNotes;
}

/**
 * A column of a table as labels of images: every value is one, a number as well; what counts as missing among numbers is
 * none. A table that names none of the images gives none of them a label.
 * @param images relative to `folder`, with `/`
 * @throws TableError where the table cannot be read, has no such column, or no column that names images; the signal's reason
 */
export async function readImageLabels(
  file: string,
  column: string,
  images: readonly string[],
  folder: string,
  signal?: AbortSignal,
): Promise<ImageLabels> {
  const { columns, notes } = await inWorker("columns", { file, columns: [column], images, folder }, file, signal);
  return { ...labelsFrom(columns[0]!), notes };
}

/** Values of a column as labels. */
export function labelsFrom(column: ColumnValues): Omit<ImageLabels, "notes"> {
  // Images with several values have none, but their labels are known by name all the same.
  const extra = [...column.several.values()].flatMap((codes) => codes.map((code) => column.names[code]!));
  const texts = [...textsOf(column), ...extra];
  const typed = typedColumn(texts);
  const all =
    typed.kind === "category"
      ? typed
      : categories(texts.map((text, i) => (Number.isNaN(typed.values[i]!) ? "" : text)));
  const places = new Map(all.names.map((name, place) => [name, place]));
  const several = [...column.several].map(([image, codes]): [number, readonly number[]] => [
    image,
    codes.flatMap((code) => places.get(column.names[code]!) ?? []),
  ]);
  return { labels: { ...all, codes: all.codes.slice(0, column.codes.length) }, several: new Map(several) };
}

/** The value of each image as text; empty where it has none or several. */
function textsOf({ names, codes, several }: ColumnValues): string[] {
  return Array.from(codes, (code, image) => (several.has(image) ? "" : (names[code] ?? "")));
}
