/** What is read of a run's folder is checked: a file may be cut off, older, or somebody else's. */
import { promises as fs } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import {
  ATTENTION_KINDS,
  BATCH_NORMS,
  CLASSIFICATION_LOSSES,
  DEVICE_CHOICES,
  DEVICES,
  LAST_DOWNSAMPLINGS,
  RANKING_LOSSES,
  RUN_FILES,
  TRAINING_MODES,
  type TrainerSign,
  type TrainingEvent,
  type TrainingOptions,
  type TrainingRunInfo,
} from "../../shared/index.ts";

export type Control = "run" | "pause" | "stop";

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const text = v.pipe(v.string(), v.maxLength(200));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e6));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const weight = v.pipe(v.number(), v.minValue(0), v.maxValue(1000));

/** Everything that a page may choose; the counting of the data says what of it does not go together. */
export const CHOICES = {
  mode: v.picklist(TRAINING_MODES),
  model: v.nullable(path),
  split: v.picklist(["class", "image"]),
  testShare: share,
  descriptors: v.nullable(text),
  dim: v.nullable(positive),
  p: v.pipe(v.number(), v.minValue(0.1), v.maxValue(100)),
  learnP: v.boolean(),
  ranking: v.picklist(RANKING_LOSSES),
  margin: v.nullable(weight),
  classification: v.picklist(CLASSIFICATION_LOSSES),
  labelSmoothing: share,
  temperature: v.pipe(v.number(), v.minValue(0.001), v.maxValue(1000)),
  rankingWeight: weight,
  classificationWeight: weight,
  attention: v.nullable(v.picklist(ATTENTION_KINDS)),
  resize: v.nullable(positive),
  flip: v.boolean(),
  classesPerBatch: positive,
  imagesPerClass: positive,
  epochs: v.nullable(positive),
  learningRate: v.nullable(v.pipe(v.number(), v.minValue(1e-9), v.maxValue(100))),
  trainFrom: v.nullable(text),
  inputSize: v.nullable(positive),
  lastDownsampling: v.nullable(v.picklist(LAST_DOWNSAMPLINGS)),
  batchNorm: v.picklist(BATCH_NORMS),
  seed: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 31 - 1)),
};

export const OptionsSchema = v.object({
  folder: path,
  labels: v.nullable(path),
  ...CHOICES,
  // Absent in the files of earlier versions, which trained so.
  lastDownsampling: v.optional(CHOICES.lastDownsampling, null),
  batchNorm: v.optional(CHOICES.batchNorm, "frozen"),
  device: v.exactOptional(v.picklist(DEVICE_CHOICES)),
}) satisfies v.GenericSchema<unknown, TrainingOptions>;

const InfoSchema = v.object({
  format: v.literal(1),
  options: OptionsSchema,
  name: v.string(),
  started: v.string(),
}) satisfies v.GenericSchema<unknown, TrainingRunInfo>;

const SignSchema = v.object({ pid: v.number(), time: v.number() }) satisfies v.GenericSchema<unknown, TrainerSign>;

const recalls = v.record(v.string(), v.object({ "recall@1": v.number() }));
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
  seconds: v.nullable(v.number()),
});
const ResultSchema = v.object({
  baseline: recalls,
  adapted: v.exactOptional(recalls),
  trained: recalls,
  improved: v.boolean(),
  model: path,
  epochs: v.number(),
  seconds: v.number(),
  stopped: v.boolean(),
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
  v.object({ type: v.literal("baseline"), recalls }),
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
  v.object({ type: v.literal("evaluation"), epoch: v.number(), recalls, best: v.boolean() }),
  v.object({
    type: v.literal("examples"),
    epoch: v.number(),
    examples: v.array(v.object({ query: path, label: v.string(), before: v.array(hit), now: v.array(hit) })),
  }),
  v.object({ type: v.literal("warning"), message: v.string() }),
  v.object({ type: v.picklist(["paused", "resumed", "stopping"]) }),
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

/** Empty where it is not there. */
async function read(file: string): Promise<string> {
  return fs.readFile(file, "utf8").catch(() => "");
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
