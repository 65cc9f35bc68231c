import { COMBINED } from "../../shared/index.ts";
import type { IndexSnapshot } from "../search/index.ts";

/** One matrix of an export: a branch, or combined. */
export interface VectorColumn {
  readonly name: string;
  readonly dim: number;
  /** Takes the column's vector, float32 `[dim]`, out of a row of `IndexSnapshot.rows`. */
  copy(row: Float32Array, target: Float32Array): void;
}

/**
 * The branches in the model's order, then combined: the branches side by side over the square root of their number. Each
 * branch has norm 1, so combined has norm 1 too, and its dot products are the means of the branches' (arXiv 1903.10663,
 * section 3.2: the concatenation is L2-normalised).
 */
export function vectorColumns({ branches }: Pick<IndexSnapshot, "branches">): readonly VectorColumn[] {
  let end = 0;
  const columns = branches.map(({ name, dim }): VectorColumn => {
    const start = end;
    end += dim;
    return { name, dim, copy: (row, target) => target.set(row.subarray(start, start + dim)) };
  });
  const scale = 1 / Math.sqrt(branches.length);
  return [
    ...columns,
    {
      name: COMBINED,
      dim: end,
      copy: (row, target) => {
        for (let i = 0; i < target.length; i++) target[i] = row[i]! * scale;
      },
    },
  ];
}
