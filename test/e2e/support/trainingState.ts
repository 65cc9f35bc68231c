import {
  ABLATION_DEFAULTS,
  ABLATION_ENDS,
  type AblationAxes,
  type AblationProgress,
  planCells,
  type RunProgress,
  type SavedTraining,
  TRAINING_DEFAULTS,
  type TrainingData,
  type TrainingPageState,
} from "../../../src/shared/index.ts";

const recalls = (spoc: number, mac: number, gem: number, combined: number) => ({
  spoc: { "recall@1": spoc },
  mac: { "recall@1": mac },
  gem: { "recall@1": gem },
  combined: { "recall@1": combined },
});

const OPTIONS = { ...TRAINING_DEFAULTS, folder: "/images/fruit" };

export const DATA: TrainingData = {
  classes: 8,
  images: 80,
  singletons: 0,
  trainClasses: 4,
  trainImages: 40,
  testClasses: 4,
  testImages: 40,
  warnings: [],
  problem: null,
  seconds: 12,
};

/** A head that was trained on few images: all of the gain was there at the start. */
export const RUN: RunProgress = {
  name: "fruit-head",
  started: "2026-01-01T00:00:00.000Z",
  work: null,
  devices: [{ work: "training", used: "cpu", reason: null }],
  baseline: recalls(0.8, 0.7, 0.75, 0.85),
  basis: { queries: 40, classes: 4 },
  inUse: { name: "mobilenetv2-smg+adapted", recalls: recalls(0.9, 0.85, 0.9, 0.95) },
  losses: [
    { step: 10, loss: 0.5, rankingLoss: 0, classificationLoss: 0.5 },
    { step: 300, loss: 0.2, rankingLoss: 0, classificationLoss: 0.2 },
  ],
  latest: { epoch: 299, step: 300, active: 0, p: {} },
  evaluations: [
    { epoch: 0, recalls: recalls(1, 1, 1, 1), best: true, validated: false },
    { epoch: 300, recalls: recalls(1, 1, 1, 1), best: true, validated: false },
  ],
  examples: null,
  warnings: [],
  result: {
    baseline: recalls(0.8, 0.7, 0.75, 0.85),
    trained: recalls(1, 1, 1, 1),
    improved: true,
    model: "/runs/model.onnx",
    epochs: 300,
    seconds: 17,
    note: null,
    stopped: false,
  },
  ablation: null,
  failure: null,
  elsewhere: null,
};

const AXES: AblationAxes = { ...ABLATION_DEFAULTS, configs: ["S", "SM", "SMG"], combine: ["concat", "sum"], seeds: 2 };

/** An ablation under way: two of its cells are done, with one seed of the second. */
export function ablationShown(change: Partial<AblationProgress> = {}): Partial<TrainingPageState> {
  const [first, second, third] = planCells(AXES);
  const results = [first!, second!, third!].flatMap(({ sameAs, ...cell }, i) =>
    AXES.combine.flatMap((combine) =>
      ABLATION_ENDS.map((end) => ({
        ...{ cell, combine, end, queries: 40 },
        metrics: {
          "recall@1": 0.5 + 0.1 * i,
          "recall@4": 0.7,
          "r-precision": 0.4,
          "map@r": end === "best" ? 0.3 : 0.25,
        },
      })),
    ),
  );
  const ablation = { done: 3, of: 8, current: planCells(AXES)[3]!, results, tables: null, seconds: 0, ...change };
  return {
    ablation: AXES,
    stage: "running",
    run: { ...RUN, baseline: null, evaluations: [], losses: [], latest: null, result: null, ablation },
  };
}

const BEFORE: TrainingPageState = {
  stage: "choosing",
  folder: "images/fruit",
  root: "images",
  options: OPTIONS,
  ablation: null,
  models: [{ name: "mobilenetv2-smg", builtIn: true, detail: "mobilenet_v2_140 · SPoC + MAC + GeM" }],
  data: DATA,
  counting: false,
  run: null,
  installed: null,
  used: false,
  usedBefore: null,
  restricted: false,
  notice: null,
};

/** What a host sends of a training. */
export function trainingShown(change: Partial<TrainingPageState> = {}): {
  readonly state: TrainingPageState;
  readonly saved: SavedTraining;
} {
  const state = { ...BEFORE, ...change };
  const { options, ablation } = state;
  return { state, saved: { root: "/images", options, ablation, run: state.run === null ? null : "run" } };
}
