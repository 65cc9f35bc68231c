import { type ColumnNotes, isImageName, type TableSummary } from "../../shared/index.ts";
import { type ColumnValues, ValueCollector } from "./columnValues.ts";
import { TableError } from "./errors.ts";
import { ImageNames } from "./match/imageNames.ts";
import { LOOKED_AT, type PathColumn, pathColumn } from "./match/pathColumn.ts";
import { NAMED, RowMatches } from "./match/rowMatches.ts";
import { openTable } from "./openTable.ts";
import { firstOfSeveral, type TableSource } from "./source.ts";

export interface ColumnsRequest {
  /** Absolute path of the table. */
  readonly file: string;
  /** In any case; the first one must be there. */
  readonly columns: readonly string[];
  /** Relative to `folder`, with `/`. */
  readonly images: readonly string[];
  readonly folder: string;
}

export interface ColumnsAnswer {
  /** Of each column that was asked for; null for one that is not there. */
  readonly columns: readonly (ColumnValues | null)[];
  /** Images with a row that says nothing in the first column. */
  readonly empty: readonly string[];
  readonly notes: ColumnNotes;
  /** The column that names the images, and its first value. */
  readonly paths: { readonly column: string; readonly first: string };
}

/**
 * What some columns of a table say of each image.
 * @throws TableError where the table cannot be read, has no such column, or no column that names images
 */
export async function readColumns({ file, columns: asked, images, folder }: ColumnsRequest): Promise<ColumnsAnswer> {
  const source = await openTable(file);
  try {
    const wanted = asked.map((name) => findColumn(source.columns, name));
    const [values] = wanted;
    const names = new ImageNames(images, folder, file);
    const paths = await findPaths(file, source, names, [values]);
    if (paths === undefined) throw new TableError(noPaths(file, source.columns));
    if (values === undefined) throw new TableError(noColumn(file, asked[0]!, source.columns));
    return await collect(source, { wanted, paths, images, names, asked });
  } finally {
    await source.close();
  }
}

interface Wanted {
  /** Places of the columns; the first one is there. */
  readonly wanted: readonly (number | undefined)[];
  readonly paths: PathColumn;
  readonly images: readonly string[];
  readonly names: ImageNames;
  readonly asked: readonly string[];
}

async function collect(source: TableSource, { wanted, paths, images, names, asked }: Wanted): Promise<ColumnsAnswer> {
  const collectors = wanted.map((at) => (at === undefined ? null : new ValueCollector(images.length)));
  const rows = new Uint8Array(images.length);
  const matches = new RowMatches<readonly string[]>(names, images.length, (image, row) => {
    rows[image] = Math.min(2, rows[image]! + 1);
    let at = 0;
    for (const collector of collectors) collector?.add(image, row[at++]!);
  });
  let first = "";
  const places = [...wanted.filter((at) => at !== undefined), paths.at];
  for await (const slice of source.rows(places)) {
    for (const row of slice) {
      const value = row.at(-1)!;
      first ||= value;
      matches.add(value, row);
    }
  }
  matches.end();
  const columns = collectors.map((collector) => collector?.end() ?? null);
  const contradictory = [...new Set(columns.flatMap((column) => [...(column?.several.keys() ?? [])]))].sort(
    (a, b) => a - b,
  );
  const column = source.columns[wanted[0]!]!;
  return {
    columns,
    empty: images.filter((_, i) => rows[i]! > 0 && columns[0]!.codes[i]! < 0),
    notes: {
      images: images.length,
      matched: rows.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0),
      unknown: matches.unknown,
      ambiguous: matches.ambiguous,
      assumed: matches.assumed,
      repeated: rows.reduce((sum, count) => sum + (count > 1 ? 1 : 0), 0),
      contradictory: { count: contradictory.length, first: contradictory.slice(0, NAMED).map((i) => images[i]!) },
      oddLines: source.oddLines,
      windows1252: source.isWindows1252,
      taken: {
        column: column === asked[0] ? null : column,
        images: paths.guessed ? source.columns[paths.at]! : null,
        firstOf: firstOfSeveral(source, places),
      },
    },
    paths: { column: source.columns[paths.at]!, first },
  };
}

/** The column of a name; where there is none, the only one of that name in another case. */
function findColumn(columns: readonly string[], name: string): number | undefined {
  const exact = columns.indexOf(name);
  if (exact >= 0) return exact;
  const lower = name.trim().toLowerCase();
  const others = [...columns.keys()].filter((at) => columns[at]!.trim().toLowerCase() === lower);
  return others.length === 1 ? others[0] : undefined;
}

/** Columns of a file whose first rows are looked at for the names of images. */
const MOST_COLUMNS = 64;

/**
 * The column that names the images.
 * @param others columns that hold something else
 * @throws TableError where the file has no header
 */
export async function findPaths(
  file: string,
  source: TableSource,
  names?: ImageNames,
  others: readonly (number | undefined)[] = [],
): Promise<PathColumn | undefined> {
  const looked = source.plain.filter((at) => !others.includes(at)).slice(0, MOST_COLUMNS);
  const rows: (readonly string[])[] = [];
  if (looked.length > 0) for await (const slice of source.rows(looked, LOOKED_AT)) rows.push(...slice);
  const columns = looked.map((at) => source.columns[at]!);
  const found = pathColumn(columns, rows, names);
  if (found === undefined) return undefined;
  const name = columns[found.at]!;
  if (isImageName(name)) {
    throw new TableError(
      `${file} begins with "${name}" instead of the names of its columns. Write a header, such as path,label.`,
    );
  }
  return { ...found, at: looked[found.at]! };
}

/** What a file has to offer. */
export interface FileSummary extends TableSummary {
  /** It has no column that names images, as far as can be told without knowing them. */
  readonly unnamed: boolean;
}

/** @param images of the folder; where absent, a table that names them without their endings is none */
export async function summariseColumns(file: string, images?: ImageNames): Promise<FileSummary> {
  try {
    const source = await openTable(file);
    try {
      const paths = await findPaths(file, source, images);
      if (paths === undefined) {
        return { file, columns: [], problem: new TableError(noPaths(file, source.columns)).message, unnamed: true };
      }
      const columns = source.plain.filter((at) => at !== paths.at).map((at) => source.columns[at]!);
      return { file, columns: columns.filter((name) => name !== ""), problem: null, unnamed: false };
    } finally {
      await source.close();
    }
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    return { file, columns: [], problem: error.message, unnamed: false };
  }
}

export function noPaths(file: string, columns: readonly string[]): string {
  return `${file} has no column that names images. It has ${listedNames(columns)}. Call one "path", with a path per row.`;
}

function noColumn(file: string, column: string, columns: readonly string[]): string {
  const named = listedNames(columns);
  return `${file} has no column "${column}". It has ${named}. Choose one of these.`;
}

/** Many columns would fill the screen. */
function listedNames(columns: readonly string[]): string {
  const shown = columns.slice(0, 20).map((name) => (name.length > 80 ? `${name.slice(0, 80)}...` : name));
  return shown.join(", ") + (columns.length > shown.length ? ` and ${columns.length - shown.length} more` : "");
}
