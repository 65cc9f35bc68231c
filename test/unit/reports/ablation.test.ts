import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runAblation, writeTables } from "../../../src/core/index.ts";
import { optionsOf } from "../../../src/core/reports/ablation/plan.ts";
import { testFigures } from "../../../src/core/reports/ablation/testFigures.ts";
import {
  type AblationAxes,
  cellKey,
  planCells,
  TRAINING_DEFAULTS,
  type TrainingOptions,
} from "../../../src/shared/index.ts";
import { ensureEmoji } from "../../fixtures/emoji.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const AXES: AblationAxes = {
  configs: ["S", "SM", "MS"],
  losses: ["ranking", "ranking+classification"],
  tricks: ["none", "both"],
  combine: ["concat", "sum"],
  seeds: 2,
  full: false,
};

test("one factor at a time goes from the richest setting; the cross has all; a setting is told once", () => {
  const told = (axes: AblationAxes) =>
    planCells({ ...axes, seeds: 1 }).map(({ config, losses, tricks }) => `${config} ${losses} ${tricks}`);
  expect(told(AXES)).toEqual([
    "S ranking+classification both",
    "SM ranking+classification both",
    "MS ranking+classification both",
    "SM ranking both",
    "SM ranking+classification none",
  ]);
  expect(told({ ...AXES, full: true })).toHaveLength(12);
  expect(planCells(AXES).map(({ seed }) => seed)).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
});

test("what is equal by construction runs once and says with what", () => {
  const cells = planCells({ ...AXES, full: true, seeds: 1 });
  const same = cells.filter(({ sameAs }) => sameAs !== null);
  // Without a classifier neither the order nor its tricks matter: of six ranking cells two are left.
  expect(same).toHaveLength(4);
  expect(same.every(({ losses }) => losses === "ranking")).toBe(true);
  expect(
    cells.find(({ config, losses, tricks }) => config === "MS" && losses === "ranking" && tricks === "both"),
  ).toMatchObject({
    sameAs: { config: "SM", losses: "ranking", tricks: "none" },
  });
  expect(cellKey({ config: "SM", losses: "ranking+classification", tricks: "both", seed: 1 })).not.toBe(
    cellKey({ config: "MS", losses: "ranking+classification", tricks: "both", seed: 1 }),
  );
});

test("a cell's options: without a trick its parameter has no effect", () => {
  const given: TrainingOptions = { ...TRAINING_DEFAULTS, folder: "/x" };
  const of = (tricks: "none" | "ls" | "ts" | "both") => {
    const { labelSmoothing, temperature, classification } = optionsOf(
      { config: "SM", losses: "ranking+classification", tricks, seed: 3 },
      given,
    );
    return [labelSmoothing, temperature, classification];
  };
  expect([of("none"), of("ls"), of("ts"), of("both")]).toEqual([
    [0, 1, "softmax"],
    [0.1, 1, "softmax"],
    [0, 0.5, "softmax"],
    [0.1, 0.5, "softmax"],
  ]);
  const ranking = optionsOf({ config: "MS", losses: "ranking", tricks: "both", seed: 3 }, given);
  expect(ranking).toMatchObject({ classification: "none", descriptors: "MS", seed: 3 });
});

test("concatenation and sum are other embeddings, and branches of two lengths cannot be added up", async () => {
  const circle = (angles: readonly number[]) => Float32Array.from(angles.flatMap((a) => [Math.cos(a), Math.sin(a)]));
  const rows = {
    dims: [2, 2],
    count: 4,
    matrices: [circle([0, 0.2, 1, 1.2]), circle([0, 2, 0.1, 2.1])],
    labels: ["a", "a", "b", "b"],
    paths: ["d", "c", "b", "a"],
  };
  // Mean of the cosines of a pair: cos 0.2 + cos 2 against cos 1 + cos 0.1.
  const concat = await testFigures(rows, "concat", undefined);
  expect(concat).toMatchObject({ queries: 4, metrics: { "recall@1": 0, "recall@2": 1, mrr: 0.5 } });
  // The sums lie at the means of the angles, 0, 1.1, 0.55 and 1.65.
  const sum = await testFigures(rows, "sum", undefined);
  expect(sum!.metrics["recall@1"]).toBe(0);
  expect(sum!.metrics["mrr"]).toBeCloseTo((1 / 2 + 1 / 3 + 1 / 3 + 1 / 2) / 4, 1);
  const uneven = { ...rows, dims: [2, 1], matrices: [rows.matrices[0]!, Float32Array.of(1, 1, 1, 1)] };
  expect(await testFigures(uneven, "sum", undefined)).toBeNull();
});

let root: string;
let folder: string;
let model: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-ablation-"));
  model = join(root, "model.onnx");
  folder = (await ensureEmoji({ classes: 12 })).folder;
  writeFileSync(model, tinyModel("tiny", "SM"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("on emoji it trains each cell once, goes on after an end, and writes the tables three ways", async () => {
  const out = join(root, "out");
  const given: TrainingOptions = { ...TRAINING_DEFAULTS, folder, device: "cpu", epochs: 2, classesPerBatch: 4 };
  const axes: AblationAxes = { ...AXES, configs: ["SM", "MS"], losses: ["ranking"], tricks: ["both"], seeds: 1 };
  const cells: string[] = [];
  const abort = new AbortController();
  const run = (signal?: AbortSignal) =>
    runAblation({ ...axes, configs: ["SM", "MS", "S"] }, given, out, {
      model,
      signal,
      onCell: ({ config }) => {
        cells.push(config);
        if (signal !== undefined && config === "S") abort.abort(new Error("killed"));
      },
    });
  await expect(run(abort.signal)).rejects.toThrow("killed");
  const firstResult = join(out, "cells");
  expect(existsSync(firstResult)).toBe(true);
  const trained: string[] = [];
  const report = await runAblation({ ...axes, configs: ["SM", "MS", "S"] }, given, out, {
    model,
    onEvent: (event) => {
      if (event.type === "done") trained.push(event.type);
    },
  });
  // MS is the training of SM, which was finished before the end.
  expect(cells).toEqual(["SM", "S"]);
  expect(trained).toHaveLength(1);
  expect(report.plan).toMatchObject({ trainings: 2 });
  expect(existsSync(join(out, "embeddings"))).toBe(false);
  const [table] = report.tables;
  expect(table!.rows.map(({ config, combine, sameAs }) => [config, combine, sameAs])).toEqual([
    ["SM", "concat", null],
    ["SM", "sum", null],
    ["MS", "concat", "SM, ranking"],
    ["MS", "sum", "SM, ranking"],
    ["S", "concat", null],
    ["S", "sum", null],
  ]);
  // The same again as the last step left it; a training that kept its start differs there.
  expect(report.tables.map(({ title }) => title)).toEqual([
    "Descriptors, in order (ranking, both), the best epoch of each training",
    "Descriptors, in order (ranking, both), after the last step",
  ]);
  const last = report.tables[1]!.rows;
  expect(last.map(({ config, end }) => [config, end])).toEqual(table!.rows.map(({ config }) => [config, "last"]));
  expect(report.results.filter(({ end }) => end === "last")).toHaveLength(6);
  const [sm, , ms, , s, sSum] = table!.rows;
  expect(ms!.means).toEqual(sm!.means);
  // One branch is its own sum.
  expect(sSum!.means).toEqual(s!.means);
  const files = await writeTables(report, out);
  expect(files.map((file) => file.slice(out.length + 1))).toEqual([
    "ablation.md",
    "ablation.csv",
    "ablation.html",
    "ablation.json",
  ]);
  expect(readFileSync(files[0]!, "utf8")).toContain("| MS, ranking (the same training as SM, ranking) | concat | 1 |");
  expect(readFileSync(files[1]!, "utf8").split("\n")[0]).toMatch(
    /^table,end,config,losses,tricks,combine,seeds,same_as,recall@1,recall@1_sd/,
  );
  expect(readFileSync(files[2]!, "utf8")).toContain("<caption>");
});
