/** A cell of the lists: column and row, from 0. */
export interface Position {
  readonly column: number;
  readonly row: number;
}

/** Rows that PageUp and PageDown move by. */
const PAGE = 5;

/**
 * Where a key moves the focus.
 * @param lengths number of cards of each column
 * @returns undefined for a key that moves nothing
 */
export function move(key: string, { column, row }: Position, lengths: readonly number[]): Position | undefined {
  const to = (c: number, r: number): Position | undefined => {
    const length = lengths[c] ?? 0;
    return length === 0 ? undefined : { column: c, row: Math.max(0, Math.min(length - 1, r)) };
  };
  switch (key) {
    case "ArrowDown":
      return to(column, row + 1);
    case "ArrowUp":
      return to(column, row - 1);
    case "ArrowRight":
      return to(Math.min(column + 1, lengths.length - 1), row);
    case "ArrowLeft":
      return to(Math.max(column - 1, 0), row);
    case "Home":
      return to(column, 0);
    case "End":
      return to(column, Number.MAX_SAFE_INTEGER);
    case "PageDown":
      return to(column, row + PAGE);
    case "PageUp":
      return to(column, row - PAGE);
    default:
      return undefined;
  }
}

/** Rows `first` up to, not including, `last`. */
export interface RowWindow {
  readonly first: number;
  readonly last: number;
}

/** Rows that are drawn beyond those in sight: scrolling meets finished cards, and a list of usual length is there as a whole. */
const AHEAD = 40;
/** The window moves by this many rows at a time, so that most scroll events draw nothing. */
const STEP = 10;

/**
 * The rows to draw of a long list.
 * @param top pixels of the list above what is in sight; may be negative where the list begins below
 * @param height pixels in sight
 * @param rowHeight pixels, the same for each row
 */
export function rowWindow(top: number, height: number, rowHeight: number, rows: number): RowWindow {
  const from = Math.floor(top / rowHeight) - AHEAD;
  const to = Math.ceil((top + height) / rowHeight) + AHEAD;
  const first = Math.min(Math.max(0, Math.floor(from / STEP) * STEP), Math.max(0, rows - 1));
  return { first, last: Math.max(first, Math.min(rows, Math.ceil(to / STEP) * STEP)) };
}

/**
 * The rows of a list in sight that stands at its top; at least one.
 * @param height pixels in sight below what stands above the list
 */
export function rowsInSight(height: number, rowHeight: number, rows: number): RowWindow {
  return { first: 0, last: Math.min(rows, Math.max(1, Math.ceil(height / rowHeight))) };
}
