import { type AskedColumns, highest } from "./columns.ts";

/**
 * What a row's score in each column must reach to be among the best: as many of some rows score at least so high.
 * In float64, without what the exact search's float32 may take away.
 * @param rows float32 `[sum of dims]`, as stored
 */
export function limitsOf(
  rows: readonly Float32Array[],
  query: readonly Float32Array[],
  { scan }: AskedColumns,
): number[] {
  const cosines = rows.map((row) => cosinesOf(row, query));
  return scan.columns.map(({ terms, k }) => {
    const sums = cosines.map((own) => terms.reduce((sum, { branch, weight }) => sum + weight * own[branch]!, 0));
    const slack = terms.reduce((sum, { branch, weight }) => sum + Math.abs(weight) * scan.branches[branch]!.slack, 0);
    const numbers = sums.filter((sum) => !Number.isNaN(sum));
    return highest(
      Float32Array.from(numbers, (sum) => sum - slack),
      k,
    );
  });
}

/** With each branch of the query. */
function cosinesOf(row: Float32Array, query: readonly Float32Array[]): Float64Array {
  const cosines = new Float64Array(query.length);
  let offset = 0;
  for (const [b, branch] of query.entries()) {
    let [product, squares] = [0, 0];
    for (let i = 0; i < branch.length; i++) {
      const value = row[offset + i]!;
      product += value * branch[i]!;
      squares += value * value;
    }
    cosines[b] = squares === 0 ? product : product / Math.sqrt(squares);
    offset += branch.length;
  }
  return cosines;
}
