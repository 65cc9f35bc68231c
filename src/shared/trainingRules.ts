/** What the options of a training may be. Whoever reads them, from a page or from a run's file, holds them to these rules. */
import {
  ABLATION_COMBINES,
  ABLATION_CONFIGS,
  ABLATION_LOSSES,
  ABLATION_TRICKS,
  type AblationAxes,
  MOST_SEEDS,
} from "./ablation.ts";
import { DEVICE_CHOICES } from "./device.ts";
import { ATTENTION_KINDS } from "./model.ts";
import {
  BATCH_NORMS,
  CLASSIFICATION_LOSSES,
  LAST_DOWNSAMPLINGS,
  RANKING_LOSSES,
  TRAINING_MODES,
  type TrainingOptions,
} from "./training.ts";
import { TRAINING_ENGINES, TRAINING_PRECISIONS } from "./trainingEngine.ts";
import type { ModelInUse, TrainingRunInfo } from "./trainingRun.ts";

type Rule<T> = (value: unknown) => value is T;

const oneOf =
  <const T>(values: readonly T[]): Rule<T> =>
  (value): value is T =>
    values.some((each) => each === value);
const between =
  (min: number, max: number): Rule<number> =>
  (value): value is number =>
    typeof value === "number" && value >= min && value <= max;
const whole =
  (min: number, max: number): Rule<number> =>
  (value): value is number =>
    Number.isInteger(value) && between(min, max)(value);
const text =
  (max: number): Rule<string> =>
  (value): value is string =>
    typeof value === "string" && value.length > 0 && value.length <= max;
const orNull =
  <T>(rule: Rule<T>): Rule<T | null> =>
  (value): value is T | null =>
    value === null || rule(value);
const flag: Rule<boolean> = (value) => typeof value === "boolean";

const path = text(4096);
const positive = between(1e-9, 1e6);
const weight = between(0, 1e6);
const share = between(0, 1);
const count = whole(1, 1e6);
/** At most 16 steps, each later than the one before. */
const rising: Rule<readonly number[]> = (value): value is readonly number[] =>
  Array.isArray(value) &&
  value.length <= 16 &&
  value.every((step, i) => Number.isInteger(step) && step >= 0 && step <= 1e9 && (i === 0 || step > value[i - 1]));

/** A rule per option. What of it does not go together, the counting of the data says. */
export const TRAINING_RULES: { readonly [K in keyof TrainingOptions]-?: Rule<Required<TrainingOptions>[K]> } = {
  folder: path,
  labels: orNull(path),
  labelColumn: orNull(path),
  mode: oneOf(TRAINING_MODES),
  model: orNull(path),
  split: oneOf(["class", "image"]),
  testShare: share,
  descriptors: orNull(text(200)),
  dim: orNull(count),
  p: positive,
  learnP: flag,
  ranking: oneOf(RANKING_LOSSES),
  margin: orNull(positive),
  classification: oneOf(CLASSIFICATION_LOSSES),
  labelSmoothing: share,
  temperature: positive,
  rankingWeight: weight,
  classificationWeight: weight,
  attention: orNull(oneOf(ATTENTION_KINDS)),
  resize: orNull(count),
  flip: flag,
  classesPerBatch: whole(2, 1e6),
  imagesPerClass: whole(2, 1e6),
  epochs: orNull(count),
  steps: orNull(count),
  learningRate: orNull(positive),
  decaySteps: orNull(rising),
  warmupSteps: whole(0, 1e6),
  trainFrom: orNull(text(200)),
  loraRank: orNull(whole(1, 256)),
  inputSize: orNull(count),
  lastDownsampling: orNull(oneOf(LAST_DOWNSAMPLINGS)),
  batchNorm: oneOf(BATCH_NORMS),
  seed: whole(-(2 ** 31), 2 ** 31 - 1),
  engine: oneOf(TRAINING_ENGINES),
  ranks: orNull(whole(1, 4096)),
  precision: oneOf(TRAINING_PRECISIONS),
  python: path,
  device: oneOf(DEVICE_CHOICES),
};

/** What earlier versions did not write, and how they trained. */
const EARLIER = {
  labelColumn: null,
  lastDownsampling: null,
  batchNorm: "frozen",
  warmupSteps: 0,
  loraRank: null,
  steps: null,
  decaySteps: null,
  engine: "builtIn",
  ranks: null,
  precision: "float32",
} as const;

/** A value that cannot be understood, and where in it. */
export class TrainingRuleError extends Error {
  override readonly name = "TrainingRuleError";
}

/**
 * Options as they were written, perhaps by an earlier version. What is no option is left out.
 * @throws TrainingRuleError that names the option
 */
export function readTrainingOptions(value: unknown): TrainingOptions {
  const given: Readonly<Record<string, unknown>> = { ...EARLIER, ...objectOf(value, "options") };
  const entries = Object.entries(TRAINING_RULES).flatMap(([key, rule]) => {
    const option = given[key];
    if ((key === "device" || key === "python") && option === undefined) return [];
    if (!rule(option)) throw new TrainingRuleError(`options.${key} is ${shown(option)}`);
    return [[key, option]];
  });
  // Every entry was held to its rule.
  return Object.fromEntries(entries) as TrainingOptions;
}

/** What the file `run.json` says. @throws TrainingRuleError that names what cannot be understood */
export function readTrainingRun(value: unknown): TrainingRunInfo {
  const { format, options, name, started, inUse, elsewhere, ablation } = objectOf(value, "the whole");
  if (format !== 1) throw new TrainingRuleError(`format is ${shown(format)}, of another version`);
  const chosen = readTrainingOptions(options);
  if (typeof name !== "string") throw new TrainingRuleError(`name is ${shown(name)}`);
  if (typeof started !== "string") throw new TrainingRuleError(`started is ${shown(started)}`);
  if (elsewhere !== undefined && !path(elsewhere)) throw new TrainingRuleError(`elsewhere is ${shown(elsewhere)}`);
  return {
    ...{ format, options: chosen, name, started },
    ...(inUse === undefined ? {} : { inUse: readModelInUse(inUse) }),
    ...(elsewhere === undefined ? {} : { elsewhere }),
    ...(ablation === undefined ? {} : { ablation: readAblation(ablation) }),
  };
}

/** What an ablation is asked to compare. @throws TrainingRuleError that names what cannot be understood */
export function readAblation(value: unknown): AblationAxes {
  const { configs, losses, tricks, combine, seeds, full } = objectOf(value, "ablation");
  if (!whole(1, MOST_SEEDS)(seeds)) throw new TrainingRuleError(`ablation.seeds is ${shown(seeds)}`);
  if (!flag(full)) throw new TrainingRuleError(`ablation.full is ${shown(full)}`);
  return {
    configs: someOf(ABLATION_CONFIGS, configs, "configs"),
    losses: someOf(ABLATION_LOSSES, losses, "losses"),
    tricks: someOf(ABLATION_TRICKS, tricks, "tricks"),
    combine: someOf(ABLATION_COMBINES, combine, "combine"),
    seeds,
    full,
  };
}

/** One at least of some values, none twice. */
function someOf<T extends string>(values: readonly T[], given: unknown, key: string): T[] {
  const known = Array.isArray(given) ? given.filter((each): each is T => oneOf(values)(each)) : [];
  if (!Array.isArray(given) || known.length === 0 || new Set(known).size !== given.length) {
    throw new TrainingRuleError(`ablation.${key} is ${shown(given)}`);
  }
  return known;
}

function readModelInUse(value: unknown): ModelInUse {
  const { name, fingerprint, file } = objectOf(value, "inUse");
  if (!path(name)) throw new TrainingRuleError(`inUse.name is ${shown(name)}`);
  if (!path(fingerprint)) throw new TrainingRuleError(`inUse.fingerprint is ${shown(fingerprint)}`);
  if (!path(file)) throw new TrainingRuleError(`inUse.file is ${shown(file)}`);
  return { name, fingerprint, file };
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new TrainingRuleError(`${what} is ${shown(value)}`);
}

function shown(value: unknown): string {
  return value === undefined ? "missing" : String(JSON.stringify(value)).slice(0, 60);
}
