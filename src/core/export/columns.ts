import { branchShares, COMBINED } from "../../shared/index.ts";
import type { IndexSnapshot } from "../search/index.ts";

/** One matrix of an export: a branch, or combined. */
export interface VectorColumn {
  readonly name: string;
  readonly dim: number;
  /** Takes the column's vector, float32 `[dim]`, out of a row of `IndexSnapshot.rows`. */
  copy(row: Float32Array, target: Float32Array): void;
}

/**
 * The branches in the model's order, then combined: the branches side by side, each times the square root of its share in combined.
 * Each branch has norm 1, so combined has norm 1 too, and its dot products are the weighted means of the branches' (arXiv
 * 1903.10663, section 3.2: the concatenation is L2-normalised; there all shares are the same).
 */
export function vectorColumns({
  branches,
  weights = {},
}: Pick<IndexSnapshot, "branches" | "weights">): readonly VectorColumn[] {
  let end = 0;
  const columns = branches.map(({ name, dim }): VectorColumn => {
    const start = end;
    end += dim;
    return { name, dim, copy: (row, target) => target.set(row.subarray(start, start + dim)) };
  });
  const shares = branchShares(
    branches.map(({ name }) => name),
    weights,
  );
  const scales = branches.flatMap(({ name, dim }) => Array.from({ length: dim }, () => Math.sqrt(shares[name]!)));
  return [
    ...columns,
    {
      name: COMBINED,
      dim: end,
      copy: (row, target) => {
        for (let i = 0; i < target.length; i++) target[i] = row[i]! * scales[i]!;
      },
    },
  ];
}
