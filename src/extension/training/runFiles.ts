/** What is read of a run's folder is checked: a file may be cut off, older, or somebody else's. */
import { constants, promises as fs } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import {
  ABLATION_COMBINES,
  ABLATION_ENDS,
  ABLATION_LOSSES,
  ABLATION_TRICKS,
  DEVICES,
  RUN_FILES,
  readAblation,
  readTrainingOptions,
  readTrainingRun,
  TRAINING_RULES,
  type TrainerSign,
  type TrainingEvent,
  TrainingRuleError,
  type TrainingRunInfo,
} from "../../shared/index.ts";

/** Bytes of what says what a run is; the others hold a word or two. */
const MAX_FILE = 2 ** 20;

export type Control = "run" | "pause" | "stop";

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

/** Everything that a page may choose; the counting of the data says what of it does not go together. */
export const CHOICES = choicesOf(TRAINING_RULES);

/** Options that were kept, perhaps by an earlier version. */
export const OptionsSchema = readBy(readTrainingOptions);
/** What a page, or an earlier version, wants to be compared. */
export const AblationSchema = readBy(readAblation);
const InfoSchema = readBy(readTrainingRun);

const SignSchema = v.object({ pid: v.number(), time: v.number() }) satisfies v.GenericSchema<unknown, TrainerSign>;

const recalls = v.record(v.string(), v.object({ "recall@1": v.nullable(v.number()) }));
const hit = v.object({ path, score: v.number(), sameLabel: v.boolean() });
const DataSchema = v.object({
  classes: v.number(),
  images: v.number(),
  singletons: v.number(),
  trainClasses: v.number(),
  trainImages: v.number(),
  testClasses: v.number(),
  testImages: v.number(),
  warnings: v.array(v.string()),
  problem: v.nullable(v.string()),
  about: v.exactOptional(v.picklist(["descriptors", "trainFrom", "loraRank", "model"])),
  seconds: v.nullable(v.number()),
});
const ResultSchema = v.object({
  baseline: recalls,
  adapted: v.exactOptional(recalls),
  trained: recalls,
  withoutCopies: v.exactOptional(v.object({ baseline: recalls, trained: recalls })),
  // Earlier versions said nothing.
  note: v.optional(v.nullable(v.string()), null),
  improved: v.boolean(),
  model: path,
  epochs: v.number(),
  seconds: v.number(),
  stopped: v.boolean(),
});

const cell = v.object({
  config: v.string(),
  losses: v.picklist(ABLATION_LOSSES),
  tricks: v.picklist(ABLATION_TRICKS),
  seed: v.number(),
});
const result = v.object({
  cell,
  combine: v.picklist(ABLATION_COMBINES),
  end: v.picklist(ABLATION_ENDS),
  queries: v.number(),
  metrics: v.record(v.string(), v.number()),
});

const EventSchema = v.variant("type", [
  v.object({ type: v.literal("data"), data: DataSchema }),
  v.object({
    type: v.literal("progress"),
    phase: v.picklist(["preparing", "embedding", "training", "evaluating", "writing"]),
    done: v.number(),
    total: v.number(),
    imagesPerSecond: v.number(),
    secondsLeft: v.nullable(v.number()),
  }),
  v.object({
    type: v.literal("device"),
    work: v.picklist(["embedding", "training"]),
    used: v.picklist(DEVICES),
    reason: v.nullable(v.string()),
  }),
  v.object({
    type: v.literal("baseline"),
    recalls,
    basis: v.exactOptional(v.object({ queries: v.number(), classes: v.number() })),
    inUse: v.exactOptional(
      v.union([v.object({ name: v.string(), recalls }), v.object({ name: v.string(), problem: v.string() })]),
    ),
  }),
  v.object({
    type: v.literal("step"),
    epoch: v.number(),
    step: v.number(),
    loss: v.number(),
    rankingLoss: v.number(),
    classificationLoss: v.number(),
    active: v.number(),
    p: v.record(v.string(), v.number()),
  }),
  v.object({
    type: v.literal("evaluation"),
    epoch: v.number(),
    recalls,
    validation: v.exactOptional(v.number()),
    best: v.boolean(),
  }),
  v.object({
    type: v.literal("examples"),
    epoch: v.number(),
    examples: v.array(v.object({ query: path, label: v.string(), before: v.array(hit), now: v.array(hit) })),
  }),
  v.object({ type: v.literal("warning"), message: v.string() }),
  v.object({ type: v.literal("prepared"), folder: path, result: path, lines: v.array(v.string()) }),
  v.object({ type: v.picklist(["paused", "resumed", "stopping"]) }),
  v.object({ type: v.literal("cell"), cell, done: v.number(), of: v.number() }),
  v.object({ type: v.literal("results"), results: v.array(result), done: v.number(), of: v.number() }),
  v.object({ type: v.literal("ablated"), tables: path, seconds: v.number() }),
  v.object({ type: v.literal("done"), result: ResultSchema }),
  v.object({ type: v.literal("failed"), message: v.string() }),
]) satisfies v.GenericSchema<unknown, TrainingEvent>;

/** A line of the events file; undefined where it is none, as after a process that died while it wrote. */
export function parseEvent(line: string): TrainingEvent | undefined {
  return parse(EventSchema, line);
}

export async function readInfo(run: string): Promise<TrainingRunInfo | undefined> {
  return parse(InfoSchema, await read(join(run, RUN_FILES.info)));
}

export async function readSign(run: string): Promise<TrainerSign | undefined> {
  return parse(SignSchema, await read(join(run, RUN_FILES.sign)));
}

export async function readControl(run: string): Promise<Control> {
  const word = (await read(join(run, RUN_FILES.control))).trim();
  return word === "pause" || word === "stop" ? word : "run";
}

/** Replaces a file of a run as a whole: who reads it meanwhile sees the old one or the new one. */
export async function writeFile(run: string, name: string, content: string): Promise<void> {
  const aside = join(run, `${name}.${process.pid}.new`);
  await fs.writeFile(aside, content);
  await fs.rename(aside, join(run, name));
}

/** Empty where it is not there, or no file of a run: the folder may be somebody else's, and a pipe in it would be waited for. */
async function read(file: string): Promise<string> {
  const handle = await fs.open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(() => undefined);
  try {
    const stat = await handle?.stat();
    return stat?.isFile() && stat.size <= MAX_FILE ? await handle!.readFile("utf8") : "";
  } catch {
    return "";
  } finally {
    await handle?.close();
  }
}

function parse<T>(schema: v.GenericSchema<unknown, T>, json: string): T | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : undefined;
}

type Guard<T> = (value: unknown) => value is T;
type Choices<Rules> = {
  readonly [K in keyof Rules as Exclude<K, "folder" | "labels" | "labelColumn" | "device">]: Rules[K] extends Guard<
    infer T
  >
    ? v.GenericSchema<T>
    : never;
};

/** The rules of what a page may choose, as schemas: the folder and what else is the host's are left out. */
function choicesOf<Rules extends typeof TRAINING_RULES>({
  folder,
  labels,
  labelColumn,
  device,
  python,
  ...rules
}: Rules): Choices<Rules> {
  const schemas = Object.entries(rules).map(([key, rule]) => [key, v.custom(rule)]);
  return Object.fromEntries(schemas) as Choices<Rules>;
}

/** A schema of what a reader of the shared rules takes. */
function readBy<T>(read: (value: unknown) => T): v.GenericSchema<unknown, T> {
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        return read(dataset.value);
      } catch (error) {
        if (!(error instanceof TrainingRuleError)) throw error;
        addIssue({ message: error.message });
        return NEVER;
      }
    }),
  );
}
