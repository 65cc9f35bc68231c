import {
  ABLATION_ENDS,
  type AblationAxes,
  type AblationCombine,
  type AblationEnd,
  type AblationResult,
  type AblationRow,
  type AblationTable,
  type Metrics,
  type PlannedCell,
} from "../../../shared/index.ts";
import { baseOf, nameOf } from "./plan.ts";

/** The paper's tables: which descriptors and which first, the losses, the classifier's tricks, how branches are combined. */
export function tablesOf(
  axes: AblationAxes,
  cells: readonly PlannedCell[],
  results: readonly AblationResult[],
): AblationTable[] {
  return ABLATION_ENDS.flatMap((end) => {
    const rows = rowsOf(cells, results).filter((row) => row.end === end);
    return rows.length === 0
      ? []
      : tablesOfRows(axes, rows).map(({ title, rows }) => ({ title: `${title}, ${ENDS[end]}`, rows }));
  });
}

const ENDS: Readonly<Record<AblationEnd, string>> = {
  best: "the best epoch of each training",
  last: "after the last step",
};

function tablesOfRows(axes: AblationAxes, rows: readonly AblationRow[]): AblationTable[] {
  const base = baseOf(axes);
  if (axes.full) return [{ title: "All combinations", rows }];
  const isBase = (row: AblationRow, ...but: readonly (keyof typeof base)[]) =>
    (["config", "losses", "tricks"] as const).every((axis) => but.includes(axis) || row[axis] === base[axis]);
  const table = (title: string, axis: keyof typeof base, values: readonly string[]) => {
    const of = rows.filter((row) => isBase(row, axis) && values.includes(row[axis]));
    return values.length < 2
      ? []
      : [{ title, rows: of.toSorted((a, b) => values.indexOf(a[axis]) - values.indexOf(b[axis])) }];
  };
  const tables = [
    ...table(`Descriptors, in order (${base.losses}, ${base.tricks})`, "config", axes.configs),
    ...table(`Losses (${base.config})`, "losses", axes.losses),
    ...table(
      `Label smoothing (ls) and temperature scaling (ts) of the classification loss (${base.config})`,
      "tricks",
      axes.tricks,
    ),
  ];
  return tables.length > 0 ? tables : [{ title: nameOf(base), rows }];
}

/** One row per setting and way to combine, over its seeds. */
function rowsOf(cells: readonly PlannedCell[], results: readonly AblationResult[]): AblationRow[] {
  const groups = new Map<
    string,
    { combine: AblationCombine; end: AblationEnd; cells: PlannedCell[]; metrics: Metrics[] }
  >();
  for (const cell of cells) {
    for (const { combine, end, metrics } of results.filter((result) => isOf(result, cell))) {
      const key = JSON.stringify([cell.config, cell.losses, cell.tricks, combine, end]);
      const group = groups.get(key) ?? { combine, end, cells: [], metrics: [] };
      group.cells.push(cell);
      group.metrics.push(metrics);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ combine, end, cells: of, metrics }) => {
    const [{ config, losses, tricks, sameAs }] = of as [PlannedCell];
    const names = Object.keys(metrics[0]!);
    const values = (name: string) => metrics.map((each) => each[name]!);
    return {
      ...{ config, losses, tricks, combine, end },
      seeds: metrics.length,
      means: Object.fromEntries(names.map((name) => [name, mean(values(name))])),
      spreads: Object.fromEntries(names.map((name) => [name, spread(values(name))])),
      sameAs: sameAs === null ? null : nameOf(sameAs),
    };
  });
}

function isOf({ cell }: AblationResult, { config, losses, tricks, seed }: PlannedCell): boolean {
  return cell.config === config && cell.losses === losses && cell.tricks === tricks && cell.seed === seed;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The standard deviation of a sample. */
function spread(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}
