/** A training that is watched, and what its model finds from pixels to the definition. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { decodeForModel } from "../../../src/core/images/index.ts";
import { openEmbedder } from "../../../src/core/runtime/index.ts";
import { readTrainingSet } from "../../../src/core/training/data/trainingSet.ts";
import { runTraining, TrainingControl } from "../../../src/core/training/index.ts";
import {
  COMBINED,
  TRAINING_DEFAULTS,
  type TrainingEvent,
  type TrainingOptions,
  type TrainingResult,
} from "../../../src/shared/index.ts";
import { evaluateRetrieval } from "../../fixtures/retrievalReference.ts";
import { writeGridModel } from "../../fixtures/trainableModels.ts";
import { drawClasses } from "./drawClasses.ts";

export const OPTIONS = {
  ...TRAINING_DEFAULTS,
  classesPerBatch: 6,
  epochs: 6,
  learningRate: 0.001,
  device: "cpu",
} as const;

export interface Watched {
  readonly result: Promise<TrainingResult>;
  readonly events: TrainingEvent[];
  readonly control: TrainingControl;
  readonly abort: AbortController;
}

/** @param model file of the model to start from  @param into folder of the run  @param at called with each event */
export function startRun(
  model: string,
  into: string,
  options: TrainingOptions,
  at: (event: TrainingEvent, watched: Watched) => void = () => {},
): Watched {
  const events: TrainingEvent[] = [];
  const control = new TrainingControl();
  const abort = new AbortController();
  const watched: { -readonly [K in keyof Watched]: Watched[K] } = { result: Promise.reject(), events, control, abort };
  watched.result.catch(() => {});
  watched.result = runTraining(options, into, {
    name: "mine",
    model: async () => model,
    control,
    signal: abort.signal,
    onEvent(event) {
      events.push(event);
      at(event, watched);
    },
  });
  watched.result.catch(() => {});
  return watched;
}

/**
 * For the tests of a file: drawn classes and a model, made before the first and taken away after the last, and a folder of a run per test.
 */
export function watchedRuns() {
  const root = mkdtempSync(join(tmpdir(), "lookalike-run-"));
  const folder = join(root, "images");
  const model = join(root, "grid.onnx");
  let runs = 0;
  /** Of the test that runs. */
  let runFolder = "";
  beforeAll(async () => {
    writeGridModel(model);
    await drawClasses(folder, 48, 4);
  });
  beforeEach(() => {
    runFolder = join(root, `run ${runs++}`);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  /** @param at called with each event */
  const start = (
    given: Partial<TrainingOptions> = {},
    at?: Parameters<typeof startRun>[3],
    into = runFolder,
  ): Watched => startRun(model, into, { ...OPTIONS, folder, ...given }, at);
  return { root, folder, model, start, runFolder: () => runFolder };
}

export const combined = (recalls: TrainingResult["trained"]) => recalls[COMBINED]!["recall@1"]!;
export const kinds = (events: readonly TrainingEvent[]) => new Set(events.map(({ type }) => type));

/** Recall@1 of a model file on the held-out images, from pixels to the definition. */
export async function recallOf(file: string, options: TrainingOptions): Promise<number> {
  return (await retrievalOf(file, options.folder, (await readTrainingSet(options)).test)).recall[1]!;
}

export async function retrievalOf(
  file: string,
  folder: string,
  held: readonly { readonly path: string; readonly label: string }[],
) {
  const embedder = await openEmbedder(file, { device: "cpu" });
  const rows: Float32Array[] = [];
  for (const { path } of held) {
    const { pixels } = await decodeForModel(join(folder, path), embedder.manifest.input);
    rows.push(await embedder.embed(pixels, 1));
  }
  await embedder.release();
  const embeddings = Float32Array.from(rows.flatMap((row) => [...row]));
  return evaluateRetrieval({ embeddings, dim: embedder.dim, labels: held.map(({ label }) => label) });
}
