import * as v from "valibot";
import { expect, test, vi } from "vitest";
import { type EvaluationHost, EvaluationSession } from "../../../src/extension/evaluation/evaluationSession.ts";
import { EVALUATION_PARAMS, SavedEvaluationSchema } from "../../../src/extension/evaluation/pageMessages.ts";
import type { EvaluationReport, FolderStatus, IndexSummary } from "../../../src/shared/index.ts";
import { evaluationReport } from "../../fixtures/evaluationReport.ts";

const CANCELLED = new Error("cancelled");
const SAVED = { folder: "/images", labels: null, protocol: null, dataset: null, boxes: null, models: ["mine"] };

function host(change: Partial<EvaluationHost> = {}): EvaluationHost {
  return {
    status: async (folder) => ({ folder, indexed: 5 }) as FolderStatus,
    index: vi.fn(async () => ({}) as IndexSummary),
    evaluate: vi.fn(evaluationReport),
    tables: async () => [],
    models: async () => ["mine", "other"],
    mayIndex: () => true,
    isCancellation: (error) => error === CANCELLED,
    failureText: (error) => (error as Error).message,
    texts: {
      indexing: "indexing",
      adapting: "adapting",
      untrusted: "untrusted",
      noImages: "none",
      stopped: "stopped",
      step: ({ step }) => step,
    },
    changed: () => {},
    ...change,
  };
}

test("it indexes, evaluates what was chosen, and knows the images of the report and no others", async () => {
  const fake = host();
  const session = new EvaluationSession(fake, SAVED);
  expect(session.resolve("class 0/a picture 0.png")).toBeUndefined();
  await session.start();
  expect(fake.index).toHaveBeenCalledWith("/images");
  expect(vi.mocked(fake.evaluate).mock.calls[0]![0]).toMatchObject({
    folder: "/images",
    models: ["mine"],
    searchedOnly: false,
  });
  expect(session.state).toMatchObject({ models: ["mine", "other"], progress: null, notice: null });
  expect(session.run).toBe(vi.mocked(fake.evaluate).mock.calls[0]![0].run);
  const { query } = session.state.report!.models[0]!.failures.at(-1)!.worst[0]!;
  expect(session.resolve(query)).toBe(`/images/${query}`);
  expect(session.resolve("class 0/other.png")).toBeUndefined();
  expect(session.resolve("../secret.png")).toBeUndefined();
  await session.choose({ labels: null, protocol: "by-class", dataset: null, boxes: null, models: [] });
  expect(vi.mocked(fake.evaluate).mock.calls[1]![0]).toMatchObject({ protocol: "by-class", models: [] });
});

test("of a workspace that is not trusted nothing is embedded", async () => {
  const fake = host({ mayIndex: () => false });
  await new EvaluationSession(fake, SAVED).start();
  expect(fake.index).not.toHaveBeenCalled();
  expect(vi.mocked(fake.evaluate).mock.calls[0]![0]).toMatchObject({ models: [], searchedOnly: true });
  const empty = new EvaluationSession(
    host({ mayIndex: () => false, status: async () => ({ indexed: 0 }) as FolderStatus }),
    SAVED,
  );
  await empty.start();
  expect(empty.state.notice).toMatchObject({ text: "untrusted", actions: ["manageTrust"] });
});

test("while the index is brought up to date its progress is shown, and not afterwards", async () => {
  let finish = () => {};
  const indexing = new Promise<IndexSummary>((resolve) => {
    finish = () => resolve({} as IndexSummary);
  });
  const session = new EvaluationSession(host({ index: () => indexing }), SAVED);
  const done = session.start();
  const status = { folder: "/images", progress: { phase: "embedding", done: 20, total: 80 } } as FolderStatus;
  session.reportIndex(status);
  expect(session.state.progress).toEqual({ text: "indexing", done: 0.25 });
  finish();
  await done;
  session.reportIndex(status);
  expect(session.state.progress).toBeNull();
});

test("progress is that of its own run, a stop is told, and a failure leaves the report before", async () => {
  let fail: (error: Error) => void = () => {};
  const waiting = new Promise<EvaluationReport>((_, reject) => {
    fail = reject;
  });
  const fake = host();
  const session = new EvaluationSession(fake, SAVED);
  await session.start();
  vi.mocked(fake.evaluate).mockReturnValueOnce(waiting);
  const again = session.start();
  await vi.waitFor(() => expect(fake.evaluate).toHaveBeenCalledTimes(2));
  const { run } = vi.mocked(fake.evaluate).mock.calls[1]![0];
  session.report({ run: run + 1, step: "copies", done: 1, total: 2 });
  expect(session.state.progress).toEqual({ text: "indexing", done: null });
  session.report({ run, step: "ranking", done: 1, total: 4 });
  expect(session.state.progress).toEqual({ text: "ranking", done: 0.25 });
  session.stop();
  fail(CANCELLED);
  await again;
  expect(session.state).toMatchObject({ notice: { text: "stopped", actions: ["retry"] }, progress: null });
  vi.mocked(fake.evaluate).mockRejectedValueOnce(new Error("No image has a label."));
  await session.start();
  expect(session.state.notice).toMatchObject({
    kind: "error",
    text: "No image has a label.",
    actions: ["retry", "showLog"],
  });
  expect(session.state.report).not.toBeNull();
});

test("what a page may send and what a panel keeps", () => {
  const choice = { labels: null, protocol: "all", dataset: "cub", boxes: "/boxes.json", models: [] };
  expect(v.is(EVALUATION_PARAMS.choose, choice)).toBe(true);
  expect(v.is(EVALUATION_PARAMS.choose, { ...choice, protocol: "some" })).toBe(false);
  expect(v.is(EVALUATION_PARAMS.findSimilar, { path: "" })).toBe(false);
  expect(v.is(SavedEvaluationSchema, SAVED)).toBe(true);
  expect(v.is(SavedEvaluationSchema, { ...SAVED, folder: 3 })).toBe(false);
});
