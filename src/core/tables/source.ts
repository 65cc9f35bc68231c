/** Lines of a text table that are read as they stand, though the format forbids what is in them. */
export interface OddLines {
  readonly count: number;
  /** The first few, from 1. */
  readonly first: readonly number[];
}

/** A table that is open: its columns, and its rows in slices. */
export interface TableSource {
  /** Unique. */
  readonly columns: readonly string[];
  /** As the file calls them, in the same order: a name may come several times. */
  readonly written: readonly string[];
  /** Places of the columns with one plain value per row, as opposed to groups. */
  readonly plain: readonly number[];
  /**
   * The rows, a slice at a time; each holds the wanted columns in their order, as a person would write them, empty where there
   * is no value.
   * @param wanted places in `columns`
   * @param most so many rows are enough
   * @throws TableError where they cannot be read
   */
  rows(wanted: readonly number[], most?: number): AsyncIterable<readonly (readonly string[])[]>;
  /** A CSV file, as opposed to Parquet. */
  readonly isText: boolean;
  /** Of the rows that were read. */
  readonly oddLines: OddLines;
  /** Whether its text was no UTF-8 and was read as Windows-1252. */
  readonly isWindows1252: boolean;
  close(): Promise<void>;
}

/** Of some columns, the names that stand for the first of several that the file calls so. @param places in `columns` */
export function firstOfSeveral({ columns, written }: TableSource, places: readonly (number | undefined)[]): string[] {
  const first = new Set(places.flatMap((at) => (at === undefined ? [] : [columns[at]!])));
  return [...first].filter((name) => written.indexOf(name) !== written.lastIndexOf(name));
}

/** Names that come twice get a number. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>(names);
  const seen = new Set<string>();
  const next = new Map<string, number>();
  return names.map((name) => {
    let own = name;
    // Numbers below were tried for the same name before.
    let n = next.get(name) ?? 2;
    for (; seen.has(own) || (own !== name && taken.has(own)); n++) own = `${name} (${n})`;
    if (own !== name) next.set(name, n);
    seen.add(own);
    return own;
  });
}
