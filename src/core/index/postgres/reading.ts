import type { ImageRecord } from "../../search/index.ts";
import { isInside } from "../insideOnly.ts";
import type { RecordState } from "../store.ts";
import { StrangeAnswer } from "./answers.ts";

/** Rows that are read at once. */
const PAGE = 1024;

/** Of images and of skipped files: what a `RecordState` has. */
export const STATE_COLUMNS = 'path, mtime_ms as "mtimeMs", ctime_ms as "ctimeMs", size::double precision as size';

export interface ImageRow extends RecordState {
  readonly hash: Buffer;
  readonly width: number;
  readonly height: number;
  readonly partial: boolean;
}

export function recordOf({ path, mtimeMs, ctimeMs, size, hash, width, height, partial }: ImageRow): ImageRecord {
  return { path, mtimeMs, ctimeMs, size, hash, width, height, partial };
}

/** @param most rows that there can be */
/** @param check throws what the database is to be told of, where rows are not what was asked for */
export type Reader = <Row extends object>(
  text: string,
  values: readonly unknown[],
  most: number,
  check: (rows: readonly Row[]) => void,
) => Promise<Row[]>;

/**
 * All images of an index in the order of their paths (those that lead out of its folder are left out), page by page; the next one is
 * on its way while one is worked on.
 * @param columns `path` among them
 * @param under only images under this folder of the indexed one; all where empty
 */
export async function* pagesOf<Row extends { readonly path: string }>(
  read: Reader,
  id: number,
  columns: string,
  under = "",
): AsyncGenerator<Row> {
  // "0" comes after "/".
  const [start, end] = under === "" ? ["", "\u{10ffff}"] : [`${under}/`, `${under}0`];
  const page = (after: string) =>
    read<Row>(
      `select ${columns} from lookalike.image where index_id = $1 and path > $2 and path < $3 order by path limit ${PAGE}`,
      [id, after, end],
      PAGE,
      (rows) => {
        // One that gives the same page again and again would be read for ever.
        const last = rows.at(-1)?.path;
        if (last !== undefined && Buffer.compare(Buffer.from(last), Buffer.from(after)) <= 0)
          throw new StrangeAnswer("other rows than asked for");
      },
    );
  for (let next: Promise<Row[]> | null = page(start!); next !== null; ) {
    const rows: Row[] = await next;
    next = rows.length < PAGE ? null : page(rows.at(-1)!.path);
    // Whoever stops early leaves it behind.
    next?.catch(() => {});
    for (const row of rows) if (isInside(row.path)) yield row;
  }
}
