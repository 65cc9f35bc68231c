import * as v from "valibot";
import { describe, expect, test, vi } from "vitest";
import { PROJECTIONS_PARAMS } from "../../../src/extension/projections/pageMessages.ts";
import { REVIEW_PARAMS, SavedReviewSchema } from "../../../src/extension/review/pageMessages.ts";
import { type ReviewHost, ReviewSession } from "../../../src/extension/review/reviewSession.ts";
import type {
  DuplicateImage,
  DuplicatesResult,
  FolderStatus,
  IndexSummary,
  LabelsResult,
} from "../../../src/shared/index.ts";
import { allButFirst, bytesText, emptied, selectionOf } from "../../../webview-ui/review/selection.ts";

const image = (path: string, bytes = 1000): DuplicateImage => {
  return { path, width: 1, height: 1, bytes, score: 1, identical: true };
};
const GROUPS = [
  { images: [image("a/1.png"), image("b/1.png")] },
  { images: [image("b/2.png"), image("b/3.png"), image("4.png")] },
];
const CANCELLED = new Error("cancelled");

function host(change: Partial<ReviewHost> = {}): ReviewHost {
  return {
    status: async (folder) => ({ folder, indexed: 5 }) as FolderStatus,
    index: vi.fn(async () => ({}) as IndexSummary),
    duplicates: vi.fn(
      async (): Promise<DuplicatesResult> => ({
        images: 5,
        threshold: 0.5,
        groups: GROUPS,
        perhaps: [],
        links: [],
        skipped: [],
      }),
    ),
    labels: async (): Promise<LabelsResult> => {
      const suspicious = ["a/1.png", "b/2.png"].map((path) => {
        return { path, label: "a", suggested: "b", votes: 8, k: 10, confidence: 0.8 };
      });
      return { images: 5, classes: 2, contradictions: [], unjudged: 0, shown: {}, suspicious, warnings: [] };
    },
    tables: async () => [],
    mayIndex: () => true,
    isCancellation: (error) => error === CANCELLED,
    failureText: (error) => (error as Error).message,
    texts: {
      indexing: "indexing",
      adapting: "adapting",
      untrusted: "untrusted",
      noImages: "none",
      stopped: "stopped",
      step: (step) => step,
    },
    changed: () => {},
    ...change,
  };
}

const session = (fake: ReviewHost, kind: "duplicates" | "labels" = "duplicates", under = "") =>
  new ReviewSession(fake, { kind, folder: "/images", under, labels: null });

describe("labels from a table", () => {
  const from = { file: "/images/labels.csv", column: "kind" };
  const table = { file: from.file, columns: ["kind"], problem: null };

  test("are asked of the engine, kept for a reload, and taken from somewhere else when the user says so", async () => {
    const fake = host({ tables: async () => [table] });
    const asked = vi.spyOn(fake, "labels");
    const labels = new ReviewSession(fake, { kind: "labels", folder: "/images", under: "", labels: from });
    await labels.start();
    expect(asked.mock.calls.map(([folder, source]) => [folder, source])).toEqual([["/images", from]]);
    expect(labels.state).toMatchObject({ tables: [table], labels: { images: 5 } });
    await labels.takeLabels(null);
    expect(asked.mock.lastCall?.[1]).toBeNull();
    expect(labels.saved.labels).toBeNull();
  });

  test("that cannot be read are told of; folders are still there to be chosen", async () => {
    const gone = new Error("labels.csv: the file is gone");
    const fake = host({
      labels: async (_folder, source) => {
        if (source !== null) throw gone;
        return { images: 5, classes: 2, contradictions: [], unjudged: 0, shown: {}, suspicious: [], warnings: [] };
      },
      tables: () => Promise.reject(new Error("no engine")),
    });
    const labels = new ReviewSession(fake, { kind: "labels", folder: "/images", under: "", labels: from });
    await labels.start();
    expect(labels.state).toMatchObject({ labels: null, tables: [], notice: { kind: "error", text: gone.message } });
    await labels.takeLabels(null);
    expect(labels.state).toMatchObject({ labels: { images: 5 }, notice: null });
  });

  test("duplicates look for no tables", async () => {
    const fake = host({ tables: vi.fn(async () => []) });
    await session(fake).start();
    expect(fake.tables).not.toHaveBeenCalled();
  });

  test("are messages of one shape; what an earlier window kept has none", () => {
    const accepted = (params: unknown) => v.safeParse(REVIEW_PARAMS.labels, params).success;
    expect([{ from }, { from: null }].map(accepted)).toEqual([true, true]);
    const odd = [
      {},
      { from: "x" },
      { from: { file: "", column: "a" } },
      { from: { ...from, more: 1 } },
      { from, more: 1 },
    ];
    expect(odd.map(accepted)).toEqual(odd.map(() => false));
    expect(v.safeParse(REVIEW_PARAMS.chooseTable, { file: "/etc/passwd" }).success).toBe(false);
    const saved = { kind: "labels", folder: "/images", under: "" };
    expect(v.parse(SavedReviewSchema, saved)).toEqual({ ...saved, labels: null });
    expect(v.safeParse(SavedReviewSchema, { ...saved, labels: 3 }).success).toBe(false);
    const colour = (choice: unknown) => v.safeParse(PROJECTIONS_PARAMS.colour, { choice }).success;
    expect([null, { kind: "table", ...from }, { kind: "pixels" }].map(colour)).toEqual([true, true, true]);
    expect([undefined, 3, { kind: "table" }, { kind: "table", ...from, k: 1 }].map(colour)).toEqual(
      Array(4).fill(false),
    );
  });
});

describe("a review", () => {
  test("brings the index up to date, then lists; a part of the folder has the groups that reach into it", async () => {
    const fake = host();
    const all = session(fake);
    await all.start();
    expect(fake.index).toHaveBeenCalledTimes(1);
    expect(all.state).toMatchObject({ progress: null, notice: null, duplicates: { groups: GROUPS } });
    const part = session(host(), "duplicates", "a");
    await part.start();
    expect(part.state.folder).toBe("a");
    expect(part.state.duplicates!.groups).toEqual([GROUPS[0]]);
    const labels = session(host(), "labels", "b");
    await labels.start();
    expect(labels.state.labels!.suspicious.map(({ path }) => path)).toEqual(["b/2.png"]);
  });

  test("shows the progress of its own run only", async () => {
    let run = 0;
    let finish = () => {};
    const own = session(
      host({
        duplicates: (_, asked) => {
          run = asked;
          return new Promise((resolve) => {
            finish = () => resolve({ images: 0, threshold: 0, groups: [], perhaps: [], links: [], skipped: [] });
          });
        },
      }),
    );
    const done = own.start();
    await vi.waitFor(() => expect(run).toBeGreaterThan(0));
    own.report({ run: run + 1, step: "checking", done: 0.5 });
    expect(own.state.progress?.text).toBe("indexing");
    own.report({ run, step: "comparing", done: 0.25 });
    expect(own.state.progress).toEqual({ text: "comparing", done: 0.25 });
    finish();
    await done;
    own.report({ run, step: "comparing", done: 1 });
    expect(own.state.progress).toBeNull();
  });

  test("shows how far the index of its own folder is, by the model in use, while it is brought up to date", async () => {
    let finish = () => {};
    const indexing = new Promise<IndexSummary>((resolve) => {
      finish = () => resolve({} as IndexSummary);
    });
    const own = session(host({ index: () => indexing }));
    const done = own.start();
    const report = (change: object) =>
      own.reportIndex({
        folder: "/images",
        progress: { phase: "embedding", done: 20, total: 80 },
        ...change,
      } as FolderStatus);
    report({});
    expect(own.state.progress).toEqual({ text: "indexing", done: 0.25 });
    report({ progress: { phase: "adapting", done: 1, total: 2 } });
    expect(own.state.progress).toEqual({ text: "adapting", done: 0.5 });
    for (const other of [{ folder: "/others" }, { asked: { model: "m" } }, { progress: null }]) report(other);
    expect(own.state.progress).toEqual({ text: "adapting", done: 0.5 });
    finish();
    await done;
    report({});
    expect(own.state.progress).toBeNull();
  });

  test("that is stopped says so and can be tried again", async () => {
    const own = session(
      host({
        duplicates: (_, __, signal) =>
          new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(CANCELLED))),
      }),
    );
    const done = own.start();
    await new Promise((resolve) => setImmediate(resolve));
    own.stop();
    await done;
    expect(own.state).toMatchObject({ progress: null, notice: { kind: "info", text: "stopped", actions: ["retry"] } });
  });

  test("without trust asks the index that is there, and says where there is none", async () => {
    const fake = host({ mayIndex: () => false });
    const own = session(fake);
    await own.start();
    expect(fake.index).not.toHaveBeenCalled();
    expect(own.state.duplicates).not.toBeNull();
    const empty = session(host({ mayIndex: () => false, status: async () => ({ indexed: 0 }) as FolderStatus }));
    await empty.start();
    expect(empty.state.notice?.text).toBe("untrusted");
    const failed = session(host({ duplicates: () => Promise.reject(new Error("disk full")) }));
    await failed.start();
    expect(failed.state.notice).toMatchObject({ kind: "error", text: "disk full" });
  });

  test("gives its page what is listed and no other file, and forgets what is gone", async () => {
    const own = session(host());
    await own.start();
    expect(own.resolve("b/3.png")).toBe("/images/b/3.png");
    for (const path of ["other.png", "/etc/hosts", "../b/3.png"]) expect(own.resolve(path)).toBeUndefined();
    own.forget(new Set(["b/1.png", "4.png"]));
    expect(own.state.duplicates!.groups.map(({ images }) => images.map(({ path }) => path))).toEqual([
      ["b/2.png", "b/3.png"],
    ]);
    expect(own.state.duplicates!.images).toBe(3);
    expect(own.resolve("a/1.png")).toBeUndefined();
  });
});

test("keeping one of each selects the others; what would leave nothing is counted", () => {
  const others = new Set(GROUPS.flatMap(allButFirst));
  expect([...others]).toEqual(["b/1.png", "b/3.png", "4.png"]);
  expect(selectionOf(GROUPS, new Set([...others, "gone.png"]))).toEqual({ paths: [...others], bytes: 3000 });
  expect(emptied(GROUPS, others)).toBe(0);
  expect(emptied(GROUPS, new Set(["a/1.png", "b/1.png"]))).toBe(1);
  expect([0, 999, 1000, 1_234_567].map(bytesText)).toEqual(["0 B", "999 B", "1.0 KB", "1.2 MB"]);
});
