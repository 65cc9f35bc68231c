import { promises as fs } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import {
  ATTENTION_KINDS,
  BATCH_NORMS,
  CLASSIFICATION_LOSSES,
  DEVICE_CHOICES,
  LAST_DOWNSAMPLINGS,
  RANKING_LOSSES,
  RUN_FILES,
  TRAINING_MODES,
  type TrainingRunInfo,
} from "../../../shared/index.ts";
import { TrainingError } from "../data/trainingError.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const positive = v.pipe(v.number(), v.gtValue(0));
const weight = v.pipe(v.number(), v.minValue(0));

const OptionsSchema = v.object({
  folder: v.string(),
  labels: v.nullable(v.string()),
  mode: v.picklist(TRAINING_MODES),
  model: v.nullable(v.string()),
  split: v.picklist(["class", "image"]),
  testShare: share,
  descriptors: v.nullable(v.string()),
  dim: v.nullable(count),
  p: positive,
  learnP: v.boolean(),
  ranking: v.picklist(RANKING_LOSSES),
  margin: v.nullable(positive),
  classification: v.picklist(CLASSIFICATION_LOSSES),
  labelSmoothing: share,
  temperature: positive,
  rankingWeight: weight,
  classificationWeight: weight,
  attention: v.nullable(v.picklist(ATTENTION_KINDS)),
  resize: v.nullable(count),
  flip: v.boolean(),
  classesPerBatch: v.pipe(count, v.minValue(2)),
  imagesPerClass: v.pipe(count, v.minValue(2)),
  epochs: v.nullable(count),
  learningRate: v.nullable(positive),
  trainFrom: v.nullable(v.string()),
  inputSize: v.nullable(count),
  // Absent in the files of earlier versions, which trained so.
  lastDownsampling: v.optional(v.nullable(v.picklist(LAST_DOWNSAMPLINGS)), null),
  batchNorm: v.optional(v.picklist(BATCH_NORMS), "frozen"),
  seed: v.pipe(v.number(), v.integer()),
  device: v.exactOptional(v.picklist(DEVICE_CHOICES)),
});

const InfoSchema = v.object({ format: v.literal(1), options: OptionsSchema, name: v.string(), started: v.string() });

/** What a run is, from its folder. @throws TrainingError where there is no run, or one that cannot be understood */
export async function readRunInfo(runFolder: string): Promise<TrainingRunInfo> {
  const text = await fs.readFile(join(runFolder, RUN_FILES.info), "utf8").catch((cause) => {
    throw new TrainingError(`There is no training in ${runFolder}. Check the folder.`, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TrainingError(`The file ${RUN_FILES.info} in ${runFolder} is damaged. Start the training anew.`, {
      cause,
    });
  }
  const parsed = v.safeParse(InfoSchema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new TrainingError(
    `The training in ${runFolder} cannot be understood: ${v.getDotPath(issue) ?? RUN_FILES.info}: ${issue.message}. Start it anew.`,
  );
}
