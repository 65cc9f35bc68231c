/** A run beside the model that its folder is searched with. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRunInfo, runTraining } from "../../../src/core/training/index.ts";
import { COMBINED, type ModelInUse, TRAINING_DEFAULTS, type TrainingEvent } from "../../../src/shared/index.ts";
import { writeGridModel } from "../../fixtures/trainableModels.ts";
import { drawClasses } from "./drawClasses.ts";

let root: string;
let model: string;
let folder: string;
let runs = 0;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-in-use-"));
  folder = join(root, "images");
  model = writeGridModel(join(root, "grid.onnx"));
  await drawClasses(folder, 12, 4);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run(inUse: ModelInUse | undefined, start = model) {
  const runFolder = join(root, `run ${runs++}`);
  const events: TrainingEvent[] = [];
  const options = { ...TRAINING_DEFAULTS, folder, epochs: 1, classesPerBatch: 6, device: "cpu" } as const;
  const result = await runTraining(options, runFolder, {
    name: "mine",
    model: async () => start,
    inUse,
    onEvent: (event) => events.push(event),
  });
  const baseline = events.find((event) => event.type === "baseline");
  if (baseline?.type !== "baseline") throw new Error("no baseline was told");
  return { result, baseline, runFolder };
}

test("the model in use is scored on the same images, and a gain is one over it", async () => {
  // What the first run made is what the folder is searched with in the second, which starts from the raw model again.
  const { result: first } = await run(undefined);
  const inUse = { name: "grid+trained", fingerprint: "of another file", file: first.model };
  const { result, baseline, runFolder } = await run(inUse);
  expect(baseline.basis).toEqual({ queries: 24, classes: 6 });
  if (baseline.inUse === undefined || !("recalls" in baseline.inUse)) throw new Error("it was not compared");
  expect(baseline.inUse.name).toBe("grid+trained");
  for (const [name, { "recall@1": recall }] of Object.entries(first.trained))
    expect(baseline.inUse.recalls[name]!["recall@1"], name).toBeCloseTo(recall!, 6);
  // The same training again: no better than what is in use, however far above the start.
  const of = (recalls: typeof result.trained) => recalls[COMBINED]!["recall@1"]!;
  expect(of(result.trained)).toBeCloseTo(of(first.trained), 6);
  expect(result.improved).toBe(false);
  expect((await readRunInfo(runFolder)).inUse).toEqual(inUse);
});

test("a model in use that cannot be read is told of, and the training goes on", async () => {
  const file = join(root, "broken.onnx");
  writeFileSync(file, readFileSync(model).subarray(0, 100));
  const { result, baseline } = await run({ name: "broken", fingerprint: "x", file });
  expect(baseline.inUse).toMatchObject({ name: "broken" });
  expect(baseline.inUse).toHaveProperty("problem");
  expect(result.epochs).toBe(1);
});

test("a run that was not told of any says nothing of it", async () => {
  expect((await run(undefined)).baseline).not.toHaveProperty("inUse");
});
