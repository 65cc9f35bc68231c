import {
  ABLATION_ENDS,
  type AblationAxes,
  type AblationCombine,
  type AblationEnd,
  type AblationResult,
  type AblationRow,
  type AblationTable,
  type PlannedCell,
} from "./ablation.ts";
import { ablationBase, sameCell, settingName } from "./ablationPlan.ts";
import type { Metrics } from "./evaluation.ts";
import { type Translate, untranslated } from "./evaluationView/html.ts";

/** The paper's tables: which descriptors and which first, the losses, the classifier's tricks, how branches are combined. */
export function ablationTables(
  axes: AblationAxes,
  cells: readonly PlannedCell[],
  results: readonly AblationResult[],
  t: Translate = untranslated,
): AblationTable[] {
  const rows = rowsOf(cells, results);
  const titles: Readonly<Record<AblationEnd, (title: string) => string>> = {
    best: (title) => t("{0}, the best epoch of each training", title),
    last: (title) => t("{0}, after the last step", title),
  };
  return ABLATION_ENDS.flatMap((end) => {
    const own = rows.filter((row) => row.end === end);
    return own.length === 0
      ? []
      : tablesOfRows(axes, own, t).map(({ title, rows: some }) => ({ title: titles[end](title), rows: some }));
  });
}

function tablesOfRows(axes: AblationAxes, rows: readonly AblationRow[], t: Translate): AblationTable[] {
  const base = ablationBase(axes);
  if (axes.full) return [{ title: t("All combinations"), rows }];
  const isBase = (row: AblationRow, ...but: readonly (keyof typeof base)[]) =>
    (["config", "losses", "tricks"] as const).every((axis) => but.includes(axis) || row[axis] === base[axis]);
  const table = (title: string, axis: keyof typeof base, values: readonly string[]) => {
    const of = rows.filter((row) => isBase(row, axis) && values.includes(row[axis]));
    return values.length < 2 || of.length === 0
      ? []
      : [{ title, rows: of.toSorted((a, b) => values.indexOf(a[axis]) - values.indexOf(b[axis])) }];
  };
  const tables = [
    ...table(t("Descriptors, in order ({0}, {1})", base.losses, base.tricks), "config", axes.configs),
    ...table(t("Losses ({0})", base.config), "losses", axes.losses),
    ...table(
      t("Label smoothing (ls) and temperature scaling (ts) of the classification loss ({0})", base.config),
      "tricks",
      axes.tricks,
    ),
  ];
  return tables.length > 0 ? tables : [{ title: settingName(base), rows }];
}

/** One row per setting and way to combine, over its seeds. */
function rowsOf(cells: readonly PlannedCell[], results: readonly AblationResult[]): AblationRow[] {
  const groups = new Map<
    string,
    { combine: AblationCombine; end: AblationEnd; cells: PlannedCell[]; metrics: Metrics[] }
  >();
  for (const cell of cells) {
    for (const { combine, end, metrics } of results.filter((result) => sameCell(result.cell, cell))) {
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
      sameAs: sameAs === null ? null : settingName(sameAs),
    };
  });
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
