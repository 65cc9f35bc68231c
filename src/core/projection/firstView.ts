import { COMBINED } from "../../shared/index.ts";
import type { Rows } from "../neighbours/index.ts";
import { PrincipalComponents } from "./principalComponents.ts";
import { align } from "./procrustes.ts";
import type { ProjectOptions } from "./projection.ts";

/**
 * PCA views of the wanted columns and of combined, each turned onto that of combined, told as they come.
 * @returns float32 `[count, 2]` by column
 */
export async function firstView(
  rows: Rows,
  columns: readonly string[],
  wanted: readonly string[],
  seed: number,
  { signal, onLayout = () => {} }: ProjectOptions,
): Promise<Map<string, Float32Array>> {
  const views = new Map<string, Float32Array>();
  const show = (descriptor: string, points: Float32Array) => {
    views.set(descriptor, points);
    onLayout({ descriptor, method: "pca", done: 0, points: points.slice() });
  };
  const whole = await PrincipalComponents.create(rows.dims.length);
  const single = await PrincipalComponents.create(1);
  try {
    const combined = await whole.run(rows, seed, signal);
    show(COMBINED, combined);
    for (const [b, column] of columns.entries()) {
      if (column === COMBINED || !wanted.includes(column)) continue;
      const branch = { count: rows.count, dims: [rows.dims[b]!], matrices: [rows.matrices[b]!] };
      show(column, align(await single.run(branch, seed, signal), combined).points);
    }
    return views;
  } finally {
    await whole.release();
    await single.release();
  }
}
