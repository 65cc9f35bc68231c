import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { type ProjectionsHost, ProjectionsSession } from "../../../src/extension/projections/projectionsSession.ts";
import {
  DEFAULT_PROJECTION,
  type FolderStatus,
  type IndexSummary,
  type ProjectionLayout,
  type ProjectionResult,
  type ProjectionSummary,
  type ProjectionsImages,
} from "../../../src/shared/index.ts";

class Cancelled extends Error {}

const FOLDER = join("/data", "pictures");
const DESCRIPTORS = ["spoc", "combined"];
const layout = (descriptor: string): ProjectionLayout => ({
  descriptor,
  method: "pca",
  done: 0,
  points: new Float32Array(8),
});

let indexed: number;
let trusted: boolean;
/** Images of the maps; those of the index unless set. */
let mapped: number | undefined;
let images: ProjectionsImages[];
let layouts: ProjectionLayout[];
let indexRuns: number;
/** Runs under way, by number. */
let runs: Map<number, { readonly finish: () => void; readonly fail: (error: Error) => void; readonly under: string }>;
let session: ProjectionsSession;

const status = (change: Partial<FolderStatus> = {}) =>
  ({ folder: FOLDER, indexed, progress: null, ...change }) as FolderStatus;

const host: ProjectionsHost = {
  status: async () => status(),
  async index() {
    indexRuns++;
    indexed = 4;
    return {} as IndexSummary;
  },
  cancelIndexing() {},
  project: (_folder, run, { under }, signal) =>
    new Promise<ProjectionResult>((done, fail) => {
      const summary = { images: mapped ?? indexed, maps: {} } as ProjectionSummary;
      runs.set(run, { finish: () => done({ paths: [], maps: {}, summary }), fail, under });
      signal.addEventListener("abort", () => fail(new Cancelled()));
    }),
  neighbours: async (_folder, _parameters, path, k) => ({ spoc: [{ path: `near ${path}`, score: k }] }),
  column: async (_folder, { seed }, { kind }) => ({
    column: { kind: "category", names: [kind], codes: Int32Array.of(seed) },
    notes: null,
  }),
  mayIndex: () => trusted,
  isEmpty: () => false,
  isCancellation: (error) => error instanceof Cancelled,
  failureText: (error) => `failed: ${(error as Error).message}`,
  texts: {
    notIndexed: "not indexed",
    untrusted: "untrusted",
    noImages: "no images",
    stopped: "stopped",
    indexChanged: "index changed",
    notYet: "not yet",
    tooFew: (count) => `too few: ${count}`,
  },
  changed() {},
  images: (change) => images.push(change),
  layout: (change) => layouts.push(change),
};

beforeEach(() => {
  indexed = 4;
  trusted = true;
  mapped = undefined;
  images = [];
  layouts = [];
  indexRuns = 0;
  runs = new Map();
  session = new ProjectionsSession(host, FOLDER, DEFAULT_PROJECTION);
});

const settled = () => new Promise((done) => setTimeout(done));
const latest = () => [...runs.keys()].at(-1)!;
const paths = ["a/1.png", "a/2.png", "b/3.png", "b/4.png"];

/** Starts, and lets the maps of a run stream in. */
async function streaming(): Promise<{ readonly run: number; readonly ended: Promise<void> }> {
  const ended = session.start();
  await settled();
  const run = latest();
  session.reportImages({ run, descriptors: DESCRIPTORS, paths });
  for (const descriptor of DESCRIPTORS) session.reportLayout({ run, ...layout(descriptor) });
  return { run, ended };
}

test("maps stream in, and their neighbours are there when they are finished", async () => {
  const { run, ended } = await streaming();
  expect(images).toEqual([{ descriptors: DESCRIPTORS, paths }]);
  expect(layouts.map(({ descriptor }) => descriptor)).toEqual(DESCRIPTORS);
  session.reportProgress({ run, phase: "neighbours", done: 0.5 });
  expect(session.state.work).toEqual({ phase: "neighbours", done: 0.5 });
  expect(await session.neighbours("a/1.png", 5)).toEqual({});
  await expect(session.column({ kind: "pixels" })).rejects.toThrow("not yet");
  runs.get(run)!.finish();
  await ended;
  expect(session.state).toMatchObject({ work: null, notice: null, summary: { images: 4 } });
  expect(await session.neighbours("a/1.png", 5)).toEqual({ spoc: [{ path: "near a/1.png", score: 5 }] });
  const { column } = await session.column({ kind: "pixels" });
  expect(column).toEqual({ kind: "category", names: ["pixels"], codes: Int32Array.of(DEFAULT_PROJECTION.seed) });
});

test("stopping keeps what is drawn, and the maps can be made on demand", async () => {
  const { ended } = await streaming();
  session.stop();
  await ended;
  expect(session.state).toMatchObject({ work: null, summary: null, notice: { text: "stopped", actions: ["run"] } });
  expect(session.layouts).toHaveLength(2);
  const again = session.start();
  await settled();
  runs.get(latest())!.finish();
  await again;
  expect(session.state).toMatchObject({ work: null, notice: null, summary: { images: 4 } });
});

test("another start replaces the first, whose late reports and end change nothing", async () => {
  const first = await streaming();
  const second = await streaming();
  await first.ended;
  expect(session.state.work).not.toBeNull();
  expect(session.state.notice).toBeNull();
  const before = layouts.length;
  session.reportLayout({ run: first.run, ...layout("late") });
  session.reportImages({ run: first.run, descriptors: [], paths: [] });
  session.reportProgress({ run: first.run, phase: "quality", done: 1 });
  expect(layouts).toHaveLength(before);
  // The same images were not told twice: their points move from where they are.
  expect(images).toHaveLength(1);
  expect(session.state.work?.phase).toBe("opening");
  runs.get(second.run)!.finish();
  await second.ended;
  expect(session.state.summary).not.toBeNull();
});

test("nothing is indexed unasked; a folder that is not indexed, or holds nothing, says so", async () => {
  indexed = 0;
  await session.start();
  expect(session.state.notice).toEqual({ kind: "info", text: "not indexed", actions: ["indexFolder"] });
  expect([indexRuns, runs.size]).toEqual([0, 0]);
  const ended = session.indexAndStart();
  await settled();
  runs.get(latest())!.finish();
  await ended;
  expect(indexRuns).toBe(1);
  expect(session.state).toMatchObject({ notice: null, summary: { images: 4 } });

  const empty = new ProjectionsSession(
    { ...host, status: async () => status({ indexed: 0 }) },
    FOLDER,
    DEFAULT_PROJECTION,
  );
  await empty.indexAndStart();
  expect(empty.state.notice).toMatchObject({ text: "no images" });
});

test("a folder in which a run found no image is not called one that is not indexed yet", async () => {
  indexed = 0;
  const known = new ProjectionsSession({ ...host, isEmpty: () => true }, FOLDER, DEFAULT_PROJECTION);
  await known.start();
  expect(known.state.notice).toMatchObject({ kind: "info", text: "no images" });
});

test("an untrusted workspace shows the maps of an index that is there, and never gets one", async () => {
  trusted = false;
  const { run, ended } = await streaming();
  runs.get(run)!.finish();
  await ended;
  expect(session.state.summary).not.toBeNull();
  await session.indexAndStart();
  expect(session.state.notice).toEqual({ kind: "info", text: "untrusted", actions: ["manageTrust"] });
  indexed = 0;
  await session.start();
  expect(session.state.notice).toMatchObject({ text: "untrusted" });
  expect(indexRuns).toBe(0);
});

test("fewer than three images make no maps", async () => {
  mapped = 2;
  const { run, ended } = await streaming();
  runs.get(run)!.finish();
  await ended;
  expect(session.state).toMatchObject({ summary: null, notice: { text: "too few: 2", actions: [] } });
});

test("a failure says why, and a changed index offers new maps", async () => {
  const failing = await streaming();
  runs.get(failing.run)!.fail(new Error("disk full"));
  await failing.ended;
  expect(session.state.notice).toEqual({ kind: "error", text: "failed: disk full", actions: ["retry", "showLog"] });
  const { run, ended } = await streaming();
  session.report(status({ indexed: 9 }));
  expect(session.state.notice).toBeNull();
  runs.get(run)!.finish();
  await ended;
  session.report(status());
  session.report(status({ folder: "/elsewhere", indexed: 9 }));
  session.report(status({ asked: "other model", indexed: 9 }));
  expect(session.state.notice).toBeNull();
  session.report(status({ indexed: 9 }));
  expect(session.state.notice).toEqual({ kind: "info", text: "index changed", actions: ["run"] });
});

test("only images of the maps have a file, and a part of the folder is asked for as such", async () => {
  session = new ProjectionsSession(host, FOLDER, { ...DEFAULT_PROJECTION, under: "a" });
  const { run } = await streaming();
  expect(runs.get(run)!.under).toBe("a");
  expect(session.resolve("b/3.png")).toBe(join(FOLDER, "b/3.png"));
  for (const path of ["../secret.png", "/etc/passwd", "a", "b/5.png", ""]) {
    expect(session.resolve(path), path).toBeUndefined();
  }
  session.dispose();
});

test("a part of the folder that turns out to hold nothing leads to indexing and to the whole; later failures to another try", async () => {
  session = new ProjectionsSession(host, FOLDER, { ...DEFAULT_PROJECTION, under: "a" });
  const empty = session.start();
  await settled();
  runs.get(latest())!.fail(new Error("nothing under a"));
  await empty;
  expect(session.state.notice).toMatchObject({ kind: "error", actions: ["indexFolder", "wholeFolder", "showLog"] });
  const { run, ended } = await streaming();
  runs.get(run)!.fail(new Error("disk full"));
  await ended;
  expect(session.state.notice).toMatchObject({ kind: "error", actions: ["retry", "showLog"] });
});

test("made in another way, the maps that are there stay until the first new picture; their neighbours go at once", async () => {
  const { run, ended } = await streaming();
  runs.get(run)!.finish();
  await ended;
  const told = images.length;
  const again = session.run({ ...DEFAULT_PROJECTION, neighbours: 5, under: "a" });
  await settled();
  expect(session.state).toMatchObject({ under: "a", parameters: { neighbours: 5 }, summary: null });
  expect(session.images.paths).toEqual(paths);
  expect(session.layouts).toHaveLength(DESCRIPTORS.length);
  expect(await session.neighbours("a/1.png", 5)).toEqual({});
  expect(runs.get(latest())!.under).toBe("a");
  session.reportImages({ run: latest(), descriptors: DESCRIPTORS, paths: paths.slice(0, 2) });
  expect(images).toHaveLength(told + 1);
  expect(session.layouts).toEqual([]);
  runs.get(latest())!.finish();
  await again;
  expect(session.state.summary).not.toBeNull();
});

test("two models are asked and indexed one after the other, and their maps made once", async () => {
  const models = [
    { label: "a+adapted", model: "a", adapt: true },
    { label: "b", model: "b", adapt: false },
  ];
  const asked: (string | undefined)[] = [];
  const told: (string | undefined)[] = [];
  const own: ProjectionsHost = {
    ...host,
    status: async (_, model) => {
      asked.push(model?.label);
      return status({ indexed: model?.label === "b" ? told.filter((label) => label === "b").length * 4 : 4 });
    },
    index: async (_, model) => {
      told.push(model?.label);
      return {} as IndexSummary;
    },
  };
  session = new ProjectionsSession(own, FOLDER, { ...DEFAULT_PROJECTION, models });
  await session.start();
  expect(asked).toEqual(["a+adapted", "b"]);
  expect(session.state.notice).toMatchObject({ text: "not indexed", actions: ["indexFolder"] });
  const work = session.indexAndStart();
  await settled();
  expect(told).toEqual(["a+adapted", "b"]);
  runs.get(latest())!.finish();
  await work;
  expect(session.state.summary).not.toBeNull();
});
