import type { ColumnNotes, ImageColumn, LabelColumn, TableSummary } from "../../shared/index.ts";
import { TableError } from "./errors.ts";
import { matchImages, pathColumn } from "./matchImages.ts";
import { readTable, readTableHead } from "./readTable.ts";
import { categories, typedColumn } from "./typedColumn.ts";

/** Paths and lines that are named; of the others only the number is told. */
const NAMED = 3;

/**
 * A column of a table, per image.
 * @param images relative to `folder`, with `/`
 * @throws TableError where the table cannot be read, has no such column, names no images, or none of these images
 */
export async function readImageColumn(
  file: string,
  column: string,
  images: readonly string[],
  folder: string,
): Promise<{ readonly column: ImageColumn; readonly notes: ColumnNotes }> {
  const { texts, notes, named } = await readTexts(file, column, images, folder);
  if (notes.matched === 0 && images.length > 0) {
    throw new TableError(
      `${file} names none of the images in its column "${named.column}" (the first is "${named.first}"). ` +
        "Write paths relative to the folder or to the table.",
    );
  }
  return { column: typedColumn(texts), notes };
}

/**
 * A column of a table as labels of images: every value is one, a number as well; what counts as missing among numbers is
 * none. A table that names none of the images gives none of them a label.
 * @param images relative to `folder`, with `/`
 * @throws TableError where the table cannot be read, has no such column, or no column that names images
 */
export async function readImageLabels(
  file: string,
  column: string,
  images: readonly string[],
  folder: string,
): Promise<{ readonly labels: LabelColumn; readonly notes: ColumnNotes }> {
  const { texts, notes } = await readTexts(file, column, images, folder);
  const typed = typedColumn(texts);
  const labels =
    typed.kind === "category"
      ? typed
      : categories(texts.map((text, i) => (Number.isNaN(typed.values[i]!) ? "" : text.trim())));
  return { labels, notes };
}

/** The text that a column holds for each image; empty where it has none. */
async function readTexts(file: string, column: string, images: readonly string[], folder: string) {
  const { columns, rows, oddLines } = await readTable(file);
  const at = columns.indexOf(column);
  if (at < 0) throw new TableError(`${file} has no column "${column}". It has ${columns.join(", ")}.`);
  const paths = pathColumn(columns, rows);
  if (paths === undefined) throw new TableError(noPaths(file));
  const { rowOf, unknown } = matchImages(
    rows.map((row) => row[paths]!),
    images,
    folder,
    file,
  );
  const notes: ColumnNotes = {
    images: images.length,
    matched: rowOf.reduce((sum, row) => sum + (row < 0 ? 0 : 1), 0),
    unknown: { count: unknown.length, first: unknown.slice(0, NAMED) },
    oddLines: { count: oddLines.length, first: oddLines.slice(0, NAMED) },
  };
  const texts = Array.from(rowOf, (row) => (row < 0 ? "" : rows[row]![at]!));
  return { texts, notes, named: { column: columns[paths]!, first: rows[0]?.[paths] ?? "" } };
}

/** What a file has to offer; where it is no table of images, `problem` says why. */
export async function summariseTable(file: string): Promise<TableSummary> {
  try {
    const { columns, rows } = await readTableHead(file);
    const paths = pathColumn(columns, rows);
    if (paths === undefined) return { file, columns: [], problem: noPaths(file) };
    return { file, columns: columns.filter((_, at) => at !== paths), problem: null };
  } catch (error) {
    return { file, columns: [], problem: error instanceof Error ? error.message : String(error) };
  }
}

function noPaths(file: string): string {
  return `${file} has no column that names images. Call one "path", with a path per row.`;
}
