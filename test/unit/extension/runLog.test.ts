import { expect, test } from "vitest";
import { LossCurve } from "../../../src/extension/training/lossCurve.ts";
import { RunLog } from "../../../src/extension/training/runLog.ts";
import { TRAINING_DEFAULTS, type TrainingEvent } from "../../../src/shared/index.ts";

const point = (step: number, loss = Math.sin(step)) => ({
  step,
  loss,
  rankingLoss: loss / 3,
  classificationLoss: (2 * loss) / 3,
});

test("a curve has at most so many points, each the mean of as many consecutive steps", () => {
  const curve = new LossCurve(10);
  const steps = Array.from({ length: 137 }, (_, i) => i + 1);
  for (const step of steps) curve.add(point(step));
  expect(curve.points.length).toBeLessThanOrEqual(10);
  expect(curve.points.length).toBeGreaterThan(5);
  let from = 0;
  const widths = curve.points.map(({ step, loss, rankingLoss }) => {
    const part = steps.filter((each) => each > from && each <= step);
    const mean = part.reduce((sum, each) => sum + Math.sin(each), 0) / part.length;
    expect(loss).toBeCloseTo(mean, 12);
    expect(rankingLoss).toBeCloseTo(mean / 3, 12);
    from = step;
    return part.length;
  });
  expect(from).toBe(137);
  expect(new Set(widths.slice(0, -1)).size).toBe(1);
});

test("a curve goes back with a run that goes back to a checkpoint", () => {
  const curve = new LossCurve();
  for (const step of [1, 2, 3, 4, 5]) curve.add(point(step));
  for (const step of [4, 5, 6]) curve.add(point(step, 10 * step));
  expect(curve.points.map(({ step, loss }) => [step, loss])).toEqual([
    [1, Math.sin(1)],
    [2, Math.sin(2)],
    [3, Math.sin(3)],
    [4, 40],
    [5, 50],
    [6, 60],
  ]);
});

const INFO = { format: 1, name: "m", started: "", options: { ...TRAINING_DEFAULTS, folder: "/p" } } as const;

function logOf(...events: TrainingEvent[]): RunLog {
  const log = new RunLog(INFO);
  for (const event of events) log.add(event);
  return log;
}

const evaluation = (epoch: number, value: number): TrainingEvent => ({
  type: "evaluation",
  epoch,
  recalls: { combined: { "recall@1": value } },
  best: false,
});

test("a failure is one until the run goes on, and evaluations that are told again replace those of before", () => {
  const log = logOf(evaluation(1, 0.1), evaluation(2, 0.2), { type: "failed", message: "disk full" });
  expect(log.progress).toMatchObject({ failure: "disk full", work: null });
  log.add({ type: "resumed" });
  log.add(evaluation(2, 0.3));
  expect(log.progress.failure).toBeNull();
  expect(log.progress.evaluations.map(({ epoch, recalls }) => [epoch, recalls["combined"]])).toEqual([
    [1, { "recall@1": 0.1 }],
    [2, { "recall@1": 0.3 }],
  ]);
});

test("a warning is told once, and there is an end to warnings", () => {
  const many = Array.from({ length: 100 }, (_, i) => ({ type: "warning", message: `${i % 40}` }) as const);
  const { warnings } = logOf({ type: "warning", message: "0" }, ...many).progress;
  expect(warnings.slice(0, 3)).toEqual(["0", "1", "2"]);
  expect(warnings).toHaveLength(20);
});
