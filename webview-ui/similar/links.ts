/** Which lines and ranks to draw for an image that several lists hold. Pixels, from the corner of the rows in sight. */
export interface Seat {
  /** Number of the column among those that are shown. */
  readonly column: number;
  readonly rank: number;
  readonly left: number;
  readonly right: number;
  /** Middle of the card; null where it is not drawn. */
  readonly y: number | null;
}

export interface Link {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Says the rank of an image whose card is out of sight, at the edge behind which it is. */
export interface Pointer {
  readonly column: number;
  readonly rank: number;
  readonly x: number;
  readonly edge: "top" | "bottom";
}

/** Space that a pointer's text needs. Pixels. */
const EDGE = 12;

/**
 * Lines run from each column to the next one that holds the image; to a card out of sight they run to the edge, where its
 * rank is written.
 * @param seats by column; columns that do not hold the image are left out
 * @param height of the rows in sight, in pixels
 * @param firstRank the first rank in sight, for cards that are not drawn at all
 */
export function linkSeats(
  seats: readonly Seat[],
  height: number,
  firstRank: number,
): { readonly links: readonly Link[]; readonly pointers: readonly Pointer[] } {
  const pointers: Pointer[] = [];
  const ends = seats.map(({ column, rank, left, right, y }) => {
    const above = y === null ? rank < firstRank : y < 0;
    if (y !== null && y >= 0 && y <= height) return { left, right, y };
    pointers.push({ column, rank, x: (left + right) / 2, edge: above ? "top" : "bottom" });
    const middle = (left + right) / 2;
    return { left: middle, right: middle, y: above ? EDGE : height - EDGE };
  });
  const links = ends.slice(1).map((end, i) => {
    const from = ends[i]!;
    return { x1: from.right, y1: from.y, x2: end.left, y2: end.y };
  });
  return { links, pointers };
}
