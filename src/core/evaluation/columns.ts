import { COMBINED } from "../../shared/index.ts";
import type { Column } from "./task.ts";

/** With more branches only single ones, pairs and combined are looked at: subsets double with every branch. */
const ALL_SUBSETS_UP_TO = 5;

/**
 * Every subset of the branches that is worth a column: single branches in the model's order, then pairs and so on, and
 * combined as the last one. The score of a subset is the mean of its branch cosines, so subsets cost no product.
 */
export function columnsOf(names: readonly string[]): Column[] {
  const all = [...names.keys()];
  const sizes = names.length <= ALL_SUBSETS_UP_TO ? all.slice(0, -1).map((i) => i + 1) : [1, 2];
  const subsets = sizes.flatMap((size) => subsetsOf(all, size));
  const columns = subsets.map((branches) => ({ key: branches.map((b) => names[b]!).join("+"), branches }));
  // Of a model with one branch, that branch is combined too.
  const single = names.length === 1 ? [{ key: names[0]!, branches: all }] : [];
  return [...single, ...columns, { key: COMBINED, branches: all }];
}

function subsetsOf(items: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => subsetsOf(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}
