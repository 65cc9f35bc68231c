import { expect, test } from "vitest";
import { IndexJobs } from "../../../src/engine/jobs.ts";
import type { IndexSummary } from "../../../src/shared/index.ts";

/** A token that the test cancels by hand. */
function cancellation() {
  const listeners: (() => void)[] = [];
  return {
    isCancellationRequested: false,
    onCancellationRequested: (listener: () => void) => listeners.push(listener),
    cancel() {
      this.isCancellationRequested = true;
      for (const listener of listeners) listener();
    },
  };
}

/** A run that ends when the test says so. */
function manualRun() {
  const run = { starts: 0, signal: new AbortController().signal, end: (_: IndexSummary) => {} };
  const start = (signal: AbortSignal) => {
    run.starts++;
    run.signal = signal;
    return new Promise<IndexSummary>((resolve) => {
      run.end = resolve;
    });
  };
  return { run, start };
}

const SUMMARY: IndexSummary = {
  indexed: 1,
  updated: 0,
  removed: 0,
  unchanged: 0,
  reused: 0,
  skipped: [],
  unread: {},
  partial: [],
  shadows: {},
  seconds: 1,
  imagesPerSecond: 1,
  device: "cpu",
  model: { name: "m", fingerprint: "f", descriptors: [] },
};

test("a second caller joins the run under way, and the next run is a new one", async () => {
  const jobs = new IndexJobs();
  const { run, start } = manualRun();
  const first = jobs.run("a", cancellation(), start);
  const second = jobs.run("a", cancellation(), start);
  expect(run.starts).toBe(1);
  run.end(SUMMARY);
  expect(await first).toBe(SUMMARY);
  expect(await second).toBe(SUMMARY);
  void jobs.run("a", cancellation(), start);
  expect(run.starts).toBe(2);
});

test("folders do not wait for each other", () => {
  const jobs = new IndexJobs();
  const { run, start } = manualRun();
  void jobs.run("a", cancellation(), start);
  void jobs.run("b", cancellation(), start);
  expect(run.starts).toBe(2);
});

test("only the last caller's cancel stops the run", () => {
  const jobs = new IndexJobs();
  const { run, start } = manualRun();
  const [one, two] = [cancellation(), cancellation()];
  void jobs.run("a", one, start);
  void jobs.run("a", two, start);
  one.cancel();
  expect(run.signal.aborted).toBe(false);
  two.cancel();
  expect(run.signal.aborted).toBe(true);
});
