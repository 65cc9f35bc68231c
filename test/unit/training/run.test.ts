import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readManifest, SeenImages } from "../../../src/core/model/index.ts";
import { fileHashes } from "../../../src/core/training/data/fileHashes.ts";
import { readTrainingSet } from "../../../src/core/training/data/trainingSet.ts";
import { readRunInfo } from "../../../src/core/training/index.ts";
import { validationPart } from "../../../src/core/training/run/validation.ts";
import { RUN_FILES, type TrainingEvent } from "../../../src/shared/index.ts";
import { combined, kinds, OPTIONS, recallOf, retrievalOf, startRun, watchedRuns } from "./runWatched.ts";

const { root, folder, model, start, runFolder } = watchedRuns();

test("head: what is told is what the files find, and the manifest says how the model was made", async () => {
  const { result, events } = start();
  const { baseline, adapted, trained, improved, model: file, epochs } = await result;
  const options = { ...OPTIONS, folder };
  expect(combined(baseline)).toBeCloseTo(await recallOf(model, options), 6);
  expect(combined(trained)).toBeCloseTo(await recallOf(file, options), 6);
  expect(improved).toBe(combined(trained) > combined(baseline));
  expect(Object.keys(trained)).toEqual(["spoc", "mac", "combined"]);
  expect(Object.keys(adapted!)).toEqual(Object.keys(trained));
  const { name, training } = readManifest(readFileSync(file), file);
  expect(name).toBe("mine");
  expect(training).toMatchObject({
    images: 96,
    data: { folder: "images", classes: 24 },
    split: { by: "class", testClasses: 24, testImages: 96, seed: 1 },
    losses: ["triplet", "softmax"],
    epochs,
    scores: { metric: "recall@1", trained: { combined: combined(trained) } },
  });
  // It names what it learned from, and nothing of the test.
  const seen = SeenImages.of(training)!;
  const { train, test } = await readTrainingSet(options);
  for (const [part, expected] of [[train, true] as const, [test, false] as const]) {
    for (const hash of await fileHashes(folder, part)) expect(seen.has(hash!)).toBe(expected);
  }
  // The files of a run, as whoever watches finds them.
  const lines = readFileSync(join(runFolder(), RUN_FILES.events), "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(events)));
  expect(readdirSync(runFolder()).sort()).toEqual([RUN_FILES.events, RUN_FILES.model, RUN_FILES.info].sort());
  for (const type of ["data", "progress", "baseline", "step", "evaluation", "examples", "done"] as const) {
    expect(kinds(events)).toContain(type);
  }
  expect(events.filter(({ type }) => type === "step")).toHaveLength(6 * 3);
});

test("a training that starts from a model which was trained on some of the test says so, and its model inherits what that one learned from", async () => {
  const first = readFileSync((await start().result).model);
  const before = join(root, "before.onnx");
  writeFileSync(before, first);
  const { result, events } = startRun(before, join(root, "after"), { ...OPTIONS, folder, seed: 2, epochs: 1 });
  const { model: file } = await result;
  const told = events.flatMap((event) => (event.type === "warning" ? [event.message] : [])).join("\n");
  expect(told).toMatch(/mine, the model to start from, was trained on \d+ test images/);
  const seen = SeenImages.of(readManifest(readFileSync(file), file).training)!;
  const { train } = await readTrainingSet({ ...OPTIONS, folder });
  for (const hash of await fileHashes(folder, train)) expect(seen.has(hash!)).toBe(true);
});

test("the best is chosen by what the validation finds, which is what the model's file finds of these images", async () => {
  const { result, events } = start({ learningRate: 0.01, epochs: 12 });
  const { model: file, epochs } = await result;
  const told = events.flatMap((event) => (event.type === "evaluation" ? [event] : []));
  expect(told[0]).toMatchObject({ epoch: 0, best: true });
  const best = told.filter((event) => event.best);
  expect(best.at(-1)!.epoch).toBe(epochs);
  for (const [i, { validation }] of best.entries())
    if (i > 0) expect(validation).toBeGreaterThan(best[i - 1]!.validation!);

  const options = { ...OPTIONS, folder };
  const { train } = await readTrainingSet(options);
  const part = validationPart(train, options.seed);
  const held = train.filter(({ label }) => part.has(label));
  expect(held.length).toBeGreaterThan(10);
  expect(best.at(-1)!.validation).toBeCloseTo((await retrievalOf(file, folder, held)).mapAtR, 6);
});

test("interrupted at its checkpoint and resumed, a run ends with the same bits as one that was not", async () => {
  const whole = await start().result;
  for (const at of [2, 7]) {
    const into = join(root, `interrupted ${at}`);
    let steps = 0;
    const first = start(
      {},
      (event, { control, abort }) => {
        if (event.type === "step" && ++steps === at) control.set("pause");
        if (event.type === "paused") abort.abort(new Error("the process is gone"));
      },
      into,
    );
    await expect(first.result).rejects.toThrow("the process is gone");
    expect(existsSync(join(into, RUN_FILES.checkpoint))).toBe(true);
    expect(kinds(first.events)).not.toContain("failed");
    const second = start({}, () => {}, into);
    const resumed = await second.result;
    const stepsOf = (events: TrainingEvent[]) => events.filter(({ type }) => type === "step").length;
    expect([stepsOf(first.events), stepsOf(second.events)]).toEqual([at, 18 - at]);
    expect(readFileSync(resumed.model).equals(readFileSync(whole.model))).toBe(true);
    expect(resumed.trained).toEqual(whole.trained);
    expect(resumed.adapted).toEqual(whole.adapted);
  }
});

test("a checkpoint of other options is not gone on from", async () => {
  const first = start({}, (event, { control, abort }) => {
    if (event.type === "step") control.set("pause");
    if (event.type === "paused") abort.abort(new Error("gone"));
  });
  await expect(first.result).rejects.toThrow("gone");
  const second = start({ margin: 0.2 });
  await second.result;
  expect(second.events.filter(({ type }) => type === "step")).toHaveLength(18);
});

test("a run goes on by what its folder says, in whatever order; one of an earlier version too", async () => {
  const first = start({}, (event, { control, abort }) => {
    if (event.type === "step" && event.step === 5) control.set("pause");
    if (event.type === "paused") abort.abort(new Error("gone"));
  });
  await expect(first.result).rejects.toThrow("gone");
  const file = join(runFolder(), RUN_FILES.info);
  const { options, ...info } = JSON.parse(readFileSync(file, "utf8"));
  const { lastDownsampling: _, batchNorm: __, warmupSteps: ___, ...before } = options;
  writeFileSync(file, JSON.stringify({ ...info, options: { ...before, margin: 0.1 } }));
  const read = await readRunInfo(runFolder());
  expect(read.options).toEqual({
    ...options,
    margin: 0.1,
    lastDownsampling: null,
    batchNorm: "frozen",
    warmupSteps: 0,
  });
  const { margin: ____, ...others } = read.options;
  const second = start(others);
  await second.result;
  expect(second.events.filter(({ type }) => type === "step")).toHaveLength(13);
});

test("a stop keeps the best so far; the control file says it too", async () => {
  mkdirSync(runFolder());
  let steps = 0;
  const { result, events } = start({ epochs: 100_000 }, (event) => {
    if (event.type === "step" && ++steps === 4) writeFileSync(join(runFolder(), RUN_FILES.control), "stop\n");
  });
  const { stopped, trained, model: file, epochs } = await result;
  expect(stopped).toBe(true);
  expect(epochs).toBeLessThan(100_000);
  expect(kinds(events)).toContain("stopping");
  expect(combined(trained)).toBeCloseTo(await recallOf(file, { ...OPTIONS, folder }), 6);
});

test("paused by the control file, it waits; then it goes on", async () => {
  mkdirSync(runFolder());
  const say = (word: string) => writeFileSync(join(runFolder(), RUN_FILES.control), word);
  let steps = 0;
  const { result, events } = start({ epochs: 100_000 }, (event) => {
    if (event.type === "step" && ++steps === 2) say("pause");
    if (event.type === "paused") setTimeout(() => say("run"), 20);
    if (event.type === "resumed") setTimeout(() => say("stop"), 20);
  });
  expect((await result).stopped).toBe(true);
  const order = events.map(({ type }) => type).filter((type) => ["paused", "resumed", "stopping"].includes(type));
  expect(order).toEqual(["paused", "resumed", "stopping"]);
});

test("stopped before anything was trained, it says so", async () => {
  const { result, events } = start({}, (event, { control }) => {
    if (event.type === "data") control.set("stop");
  });
  await expect(result).rejects.toThrow("Stopped before anything was trained");
  expect(events.at(-1)).toMatchObject({ type: "failed", message: expect.stringContaining("no model to keep") });
});

test("a checkpoint that cannot be written is a warning, and the training goes on", async () => {
  // A folder of that name stands in the way, as a full disk would.
  mkdirSync(join(runFolder(), RUN_FILES.checkpoint, "x"), { recursive: true });
  let steps = 0;
  const { result, events } = start({}, (event, { control }) => {
    if (event.type === "step" && ++steps === 2) control.set("pause");
    if (event.type === "paused") {
      rmSync(join(runFolder(), RUN_FILES.checkpoint), { recursive: true });
      control.set("run");
    }
  });
  expect((await result).stopped).toBe(false);
  const warnings = events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
  expect(warnings.join()).toContain("No checkpoint:");
  expect(warnings.join()).toContain("The training goes on.");
});

test("a folder in which a living process trains is refused; one of a dead process is taken", async () => {
  mkdirSync(runFolder());
  const sign = (pid: number) =>
    writeFileSync(join(runFolder(), RUN_FILES.sign), JSON.stringify({ pid, time: Date.now() }));
  sign(process.ppid);
  await expect(start().result).rejects.toThrow(`already (process ${process.ppid})`);
  expect(existsSync(join(runFolder(), RUN_FILES.sign))).toBe(true);
  sign(2 ** 30);
  // What a killed process had begun to write stays a line of its own.
  writeFileSync(join(runFolder(), RUN_FILES.events), '{"type":"st');
  expect((await start({ epochs: 1 }).result).stopped).toBe(false);
  const [cut, ...lines] = readFileSync(join(runFolder(), RUN_FILES.events), "utf8").trim().split("\n");
  expect(cut).toBe('{"type":"st');
  expect(lines.map((line) => JSON.parse(line).type)).toContain("done");
});
