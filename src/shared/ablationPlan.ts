import type { AblationAxes, AblationCell, PlannedCell } from "./ablation.ts";
import type { TrainingMode } from "./training.ts";

type Setting = Omit<AblationCell, "seed">;

/**
 * The trainings of an ablation. By default one factor at a time: each axis is gone through while the others stay at the base,
 * which is the richest setting that is asked for; `full` crosses them all.
 */
export function planCells(axes: AblationAxes): PlannedCell[] {
  const done = new Map<string, AblationCell>();
  return settingsOf(axes).flatMap((setting) =>
    Array.from({ length: axes.seeds }, (_, i): PlannedCell => {
      const cell = { ...setting, seed: i + 1 };
      const key = cellKey(cell);
      const known = done.get(key) ?? null;
      if (known === null) done.set(key, cell);
      return { ...cell, sameAs: known };
    }),
  );
}

/** What the other axes stay at while one is gone through. */
export function ablationBase({ configs, losses, tricks }: AblationAxes): Setting {
  const longest = configs.toSorted((a, b) => b.length - a.length)[0]!;
  return {
    config: longest,
    losses: losses.includes("ranking+classification") ? "ranking+classification" : losses[0]!,
    tricks: tricks.includes("both") ? "both" : tricks[0]!,
  };
}

function settingsOf(axes: AblationAxes): Setting[] {
  const { configs, losses, tricks, full } = axes;
  const base = ablationBase(axes);
  const all = full
    ? configs.flatMap((config) =>
        losses.flatMap((loss) => tricks.map((trick) => ({ config, losses: loss, tricks: trick }))),
      )
    : [
        ...configs.map((config) => ({ ...base, config })),
        ...losses.map((loss) => ({ ...base, losses: loss })),
        ...tricks.map((trick) => ({ ...base, tricks: trick })),
      ];
  const once = new Map(
    all.map((setting) => [JSON.stringify([setting.config, setting.losses, setting.tricks]), setting]),
  );
  return [...once.values()];
}

/**
 * What a training depends on. Without a classification loss nothing of the classifier matters: neither which descriptor comes
 * first, since every branch has the same part in the ranking loss, nor the classifier's tricks.
 */
export function cellKey({ config, losses, tricks, seed }: AblationCell): string {
  if (losses === "ranking") return `${[...config].sort().join("")} ranking ${seed}`;
  return `${config} ${losses} ${tricks} ${seed}`;
}

export function sameCell(a: AblationCell, b: AblationCell): boolean {
  return a.config === b.config && a.losses === b.losses && a.tricks === b.tricks && a.seed === b.seed;
}

/** One setting in words. */
export function settingName({ config, losses, tricks }: Setting): string {
  return losses === "ranking" ? `${config}, ranking` : `${config}, ${losses}, ${tricks}`;
}

/** Seconds of the trainings of a plan: in the mode `head` images are embedded once per seed. @param one seconds of one training */
export function ablationSeconds(axes: AblationAxes, mode: TrainingMode, one: number): number {
  return mode === "head" ? one * axes.seeds : one * trainingsOf(planCells(axes)).length;
}

/** The cells that run. */
export function trainingsOf(cells: readonly PlannedCell[]): PlannedCell[] {
  return cells.filter(({ sameAs }) => sameAs === null);
}
