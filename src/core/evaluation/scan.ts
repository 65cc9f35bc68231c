import type { ColumnRanks } from "./columnRanks.ts";
import type { Column } from "./task.ts";

/** Goes through one query's scores, in the order of `columnsOf`, and gives each column what may change its ranks. */
export type Scan = (rows: readonly Float32Array[], ranks: readonly ColumnRanks[]) => void;

/**
 * The scan for some columns. A score of a column is the sum of its branch cosines: what is said of ranks holds for the mean.
 * With up to three branches all columns are looked at in one pass; nearly all time goes by in its comparisons.
 */
export function scanOf(columns: readonly Column[], branches: number): Scan {
  if (branches === 2) return scanTwo;
  if (branches === 3) return scanThree;
  let sums = new Float64Array();
  return (rows, ranks) => {
    const count = rows[0]!.length;
    if (sums.length < count) sums = new Float64Array(count);
    for (const [c, column] of columns.entries()) {
      sums.fill(0, 0, count);
      for (const b of column.branches) {
        const row = rows[b]!;
        for (let i = 0; i < count; i++) sums[i]! += row[i]!;
      }
      const rank = ranks[c]!;
      let { low } = rank;
      for (let i = 0; i < count; i++) if (sums[i]! >= low) low = rank.take(i, sums[i]!);
    }
  };
}

/** The score of one image, added up in the same order as a scan does, so that equal images have equal scores. */
export function sumAt(rows: readonly Float32Array[], branches: readonly number[], position: number): number {
  let sum = 0;
  for (const b of branches) sum += rows[b]![position]!;
  return sum;
}

const scanTwo: Scan = ([one, two], [r0, r1, r2]) => {
  let [l0, l1, l2] = [r0!.low, r1!.low, r2!.low];
  const count = one!.length;
  for (let i = 0; i < count; i++) {
    const a = one![i]!;
    const b = two![i]!;
    const ab = a + b;
    if (a >= l0) l0 = r0!.take(i, a);
    if (b >= l1) l1 = r1!.take(i, b);
    if (ab >= l2) l2 = r2!.take(i, ab);
  }
};

/** Rows between two looks at the bounds, which rise while the scan goes on. */
const STRIDE = 512;
/** A bound is lower by this share: what is rounded in a sum must not lift it over its bound. */
const ROUNDED = 1e-6;

/**
 * Where each branch's score is below its bound, no column's is above its `low`: nearly all images are passed over by three
 * comparisons. `low` only rises within a query, so a bound of before is still one.
 */
const scanThree: Scan = ([one, two, three], [r0, r1, r2, r3, r4, r5, r6]) => {
  let [l0, l1, l2, l3, l4, l5, l6] = [r0!.low, r1!.low, r2!.low, r3!.low, r4!.low, r5!.low, r6!.low];
  const count = one!.length;
  for (let from = 0; from < count; from += STRIDE) {
    const to = Math.min(count, from + STRIDE);
    // A sum reaches its `low` only where one of its terms has its share of it.
    const [aBound, bBound, cBound] = [boundOf(l0, l3, l4, l6), boundOf(l1, l3, l5, l6), boundOf(l2, l4, l5, l6)];
    for (let i = from; i < to; i++) {
      const a = one![i]!;
      const b = two![i]!;
      const c = three![i]!;
      if (a < aBound && b < bBound && c < cBound) continue;
      const ab = a + b;
      if (a >= l0) l0 = r0!.take(i, a);
      if (b >= l1) l1 = r1!.take(i, b);
      if (c >= l2) l2 = r2!.take(i, c);
      if (ab >= l3) l3 = r3!.take(i, ab);
      if (a + c >= l4) l4 = r4!.take(i, a + c);
      if (b + c >= l5) l5 = r5!.take(i, b + c);
      if (ab + c >= l6) l6 = r6!.take(i, ab + c);
    }
  }
};

/** Of one branch: by its own `low`, its half of both pairs', its third of all three's. */
function boundOf(own: number, pair: number, other: number, all: number): number {
  const bound = Math.min(own, pair / 2, other / 2, all / 3);
  return bound - ROUNDED * Math.abs(bound);
}
