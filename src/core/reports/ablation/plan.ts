import type {
  AblationAxes,
  AblationCell,
  AblationLosses,
  AblationTricks,
  PlannedCell,
  TrainingOptions,
} from "../../../shared/index.ts";

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
      const key = keyOf(cell);
      const known = done.get(key) ?? null;
      if (known === null) done.set(key, cell);
      return { ...cell, sameAs: known };
    }),
  );
}

/** What the other axes stay at while one is gone through. */
export function baseOf({ configs, losses, tricks }: AblationAxes): Setting {
  const longest = configs.toSorted((a, b) => b.length - a.length)[0]!;
  return {
    config: longest,
    losses: losses.includes("ranking+classification") ? "ranking+classification" : losses[0]!,
    tricks: tricks.includes("both") ? "both" : tricks[0]!,
  };
}

function settingsOf(axes: AblationAxes): Setting[] {
  const { configs, losses, tricks, full } = axes;
  const base = baseOf(axes);
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
export function keyOf({ config, losses, tricks, seed }: AblationCell): string {
  if (losses === "ranking") return `${[...config].sort().join("")} ranking ${seed}`;
  return `${config} ${losses} ${tricks} ${seed}`;
}

/** What a cell asks of a training. */
export function optionsOf(cell: AblationCell, given: TrainingOptions): TrainingOptions {
  const { labelSmoothing, temperature } = TRICKS[cell.tricks](given);
  return {
    ...given,
    descriptors: cell.config,
    seed: cell.seed,
    classification: CLASSIFICATION[cell.losses](given),
    labelSmoothing,
    temperature,
  };
}

const CLASSIFICATION: Readonly<Record<AblationLosses, (given: TrainingOptions) => TrainingOptions["classification"]>> =
  {
    ranking: () => "none",
    "ranking+classification": ({ classification }) => (classification === "none" ? "softmax" : classification),
  };

/** Without a trick its parameter has no effect: no smoothing, a temperature of 1. */
const TRICKS: Readonly<
  Record<AblationTricks, (given: TrainingOptions) => Pick<TrainingOptions, "labelSmoothing" | "temperature">>
> = {
  none: () => ({ labelSmoothing: 0, temperature: 1 }),
  ls: ({ labelSmoothing }) => ({ labelSmoothing, temperature: 1 }),
  ts: ({ temperature }) => ({ labelSmoothing: 0, temperature }),
  both: ({ labelSmoothing, temperature }) => ({ labelSmoothing, temperature }),
};

/** One setting in words. */
export function nameOf({ config, losses, tricks }: Setting): string {
  return losses === "ranking" ? `${config}, ranking` : `${config}, ${losses}, ${tricks}`;
}
