import { describe, expect, test, vi } from "vitest";
import { joinFacets, labelsIn, offeredTables } from "../../../src/extension/similar/labelTables.ts";
import { type LabelsHost, PanelLabels } from "../../../src/extension/similar/panelLabels.ts";
import type { Session } from "../../../src/extension/similar/session.ts";
import type { LabelFacets, ShownLabels, SimilarState, TableColumn, TableSummary } from "../../../src/shared/index.ts";
import { columnNotes } from "../../fixtures/columnNotes.ts";

const CATS = "/x/cats";
const DOGS = "/x/dogs";
const FROM: TableColumn = { file: `${CATS}/labels.csv`, column: "kind" };
const table = (file: string, ...columns: string[]): TableSummary => ({ file, columns, problem: null });
const NOTES = columnNotes({ images: 2, matched: 1, unknown: { count: 1, first: ["x.png"] } });
const facetsOf = (labels: Record<string, number>, unlabelled = 0): LabelFacets => ({
  labels: Object.entries(labels).map(([label, images]) => ({ label, images })),
  others: { labels: 0, images: 0 },
  unlabelled,
  notes: NOTES,
  split: [],
});

/** A panel on some folders whose lists hold these paths. */
function sessionOf(paths: readonly string[], labels: TableColumn | null, folders: readonly string[] = [CATS]): Session {
  const ranked = paths.map((path, i) => ({ rank: i + 1, path, score: 1 }));
  const query = { name: "q.png", path: folders.length > 1 ? "cats/q.png" : "q.png", inside: true };
  const state = {
    ...{
      query,
      examples: [
        { ...query, sign: 1, box: null },
        { name: "out.png", path: "/out.png", inside: false },
      ],
    },
    ...{
      labels,
      folder: { name: "", indexed: 5 },
      comparison: null,
      progress: null,
      result: { results: { gem: [], combined: ranked } },
    },
  };
  return {
    folders,
    state: state as unknown as SimilarState,
    query: { labels } as Session["query"],
    split: (path: string) => {
      const [name, ...rest] = path.split("/");
      return folders.length > 1 ? { folder: `/x/${name}`, path: rest.join("/") } : { folder: CATS, path };
    },
  } as unknown as Session;
}

/** Every image is labelled by the name of its file. */
function host(change: Partial<LabelsHost> = {}) {
  const shown: ShownLabels[] = [];
  const fake: LabelsHost = {
    tables: vi.fn(async (folder) => [table(`${folder}/labels.csv`, "kind")]),
    check: async () => {},
    of: vi.fn(async (_folder, _from, paths: readonly string[]) => ({
      labels: paths.map((path) => (path.includes("none") ? null : path.replace(/.*\/|\.png/g, ""))),
      state: "1",
    })),
    facets: vi.fn(async () => facetsOf({ a: 2 }, 1)),
    isCancellation: () => false,
    failureText: (error) => (error as Error).message,
    changed: (labels) => shown.push(labels),
    ...change,
  };
  return { fake, shown };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("the labels of a panel", () => {
  test("are of what is shown, and of the examples inside the folder", async () => {
    const { fake } = host();
    const labels = new PanelLabels(fake);
    labels.follow(sessionOf(["a.png", "none.png", "sub/b.png"], FROM));
    await settled();
    expect(fake.of).toHaveBeenCalledWith(CATS, FROM, ["q.png", "a.png", "none.png", "sub/b.png"], expect.anything());
    expect(labels.shown).toEqual({
      tables: [table(`${CATS}/labels.csv`, "kind")],
      byPath: [
        ["q.png", "q"],
        ["a.png", "a"],
        ["sub/b.png", "b"],
      ],
      facets: facetsOf({ a: 2 }, 1),
      problem: null,
    });
  });

  test("of a table that is wanted no more are read no further; other lists stop nothing", async () => {
    const signals: AbortSignal[] = [];
    const of: LabelsHost["of"] = (_folder, _from, _paths, signal) => {
      signals.push(signal);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    const { fake } = host({ of, isCancellation: (error) => (error as Error).name === "AbortError" });
    const labels = new PanelLabels(fake);
    const aborted = () => signals.map((signal) => signal.aborted);
    labels.follow(sessionOf(["a.png"], FROM));
    await settled();
    labels.follow(sessionOf(["b.png"], FROM));
    await settled();
    expect(aborted()).toEqual([false]);
    labels.follow(sessionOf(["b.png"], { ...FROM, column: "other" }));
    await settled();
    expect(aborted()).toEqual([true, false]);
    labels.dispose();
    expect(aborted()).toEqual([true, true]);
    expect(labels.shown.problem).toBeNull();
  });

  test("are told only where they differ from those before", async () => {
    const { fake, shown } = host();
    const labels = new PanelLabels(fake);
    labels.follow(sessionOf(["a.png"], null));
    await settled();
    const told = shown.length;
    expect(told).toBeGreaterThan(0);
    // The same images in another order of lists.
    labels.follow(sessionOf(["a.png"], null));
    await settled();
    expect(fake.of).toHaveBeenCalledTimes(2);
    expect(shown).toHaveLength(told);
    labels.follow(sessionOf(["b.png"], FROM));
    await settled();
    expect(shown.at(-1)?.byPath).toEqual([
      ["q.png", "q"],
      ["b.png", "b"],
    ]);
  });

  test("are counted again only where the table or the index changed", async () => {
    let state = "1";
    const { fake } = host({ of: vi.fn(async () => ({ labels: [], state })) });
    const labels = new PanelLabels(fake);
    const show = async (path: string) => {
      labels.follow(sessionOf([path], FROM));
      await settled();
    };
    for (const path of ["a.png", "b.png"]) await show(path);
    expect(fake.of).toHaveBeenCalledTimes(2);
    expect(fake.facets).toHaveBeenCalledTimes(1);
    state = "2";
    await show("c.png");
    expect(fake.facets).toHaveBeenCalledTimes(2);
    // The same state is no change at all.
    const same = sessionOf(["d.png"], FROM);
    for (let i = 0; i < 3; i++) labels.follow(same);
    await settled();
    expect(fake.of).toHaveBeenCalledTimes(4);
    expect(fake.tables).toHaveBeenCalledTimes(1);
  });

  test("are not asked for at each report of indexing, but with each new list and at its end", async () => {
    const { fake } = host();
    const labels = new PanelLabels(fake);
    const session = sessionOf(["a.png"], FROM);
    const report = async (change: object) => {
      Object.assign(session, { state: { ...session.state, ...change } });
      labels.follow(session);
      await settled();
      return vi.mocked(fake.of).mock.calls.length;
    };
    await report({});
    const during = { progress: { phase: "embedding" } };
    expect(await report({ ...during, folder: { name: "", indexed: 6 } })).toBe(2);
    for (const indexed of [7, 8, 9]) expect(await report({ ...during, folder: { name: "", indexed } })).toBe(2);
    expect(await report({ ...during, result: { results: { combined: [] } } })).toBe(3);
    expect(await report({ progress: null })).toBe(4);
  });

  test("of another column are not shown with the old ones meanwhile", async () => {
    const { fake, shown } = host();
    const labels = new PanelLabels(fake);
    labels.follow(sessionOf(["a.png"], FROM));
    await settled();
    shown.length = 0;
    labels.follow(sessionOf(["a.png"], { ...FROM, column: "other" }));
    expect(shown).toMatchObject([{ byPath: [], facets: null }]);
    await settled();
    expect(labels.shown.byPath).toHaveLength(2);
    // What a folder's label is, the engine knows: a split is no label.
    labels.follow(sessionOf(["a.png"], null));
    await settled();
    expect(fake.of).toHaveBeenLastCalledWith(CATS, null, ["q.png", "a.png"], expect.anything());
    expect(labels.shown.byPath).toHaveLength(2);
  });

  test("of a table that vanished, or was never offered, are none; the page is told why, and it goes on", async () => {
    const gone = new Error("labels.csv: the file is gone");
    const of = vi.fn(async () => ({ labels: ["a", "a"], state: "1" }));
    const { fake } = host({ of });
    const labels = new PanelLabels(fake);
    labels.follow(sessionOf(["a.png"], FROM));
    await settled();
    of.mockRejectedValueOnce(gone);
    labels.follow(sessionOf(["b.png"], FROM));
    await settled();
    expect(labels.shown).toMatchObject({ byPath: [], facets: null, problem: gone.message });
    labels.follow(sessionOf(["c.png"], FROM));
    await settled();
    expect(labels.shown).toMatchObject({ problem: null, facets: facetsOf({ a: 2 }, 1) });
    const refusing = new PanelLabels({ ...fake, check: () => Promise.reject(new Error("not offered")) });
    const before = of.mock.calls.length;
    refusing.follow(sessionOf(["a.png"], FROM));
    await settled();
    expect([refusing.shown.problem, of.mock.calls.length]).toEqual(["not offered", before]);
  });

  test("of several folders come from each folder's own table, and are counted together", async () => {
    const { fake } = host({
      facets: vi.fn(async (folder) => (folder === CATS ? facetsOf({ a: 2, b: 1 }) : facetsOf({ b: 4 }, 3))),
    });
    const labels = new PanelLabels(fake);
    labels.follow(sessionOf(["cats/a.png", "dogs/b.png", "dogs/none.png"], FROM, [CATS, DOGS]));
    await settled();
    expect(vi.mocked(fake.of).mock.calls.map((call) => call.slice(0, 3))).toEqual([
      [CATS, FROM, ["q.png", "a.png"]],
      [DOGS, { file: `${DOGS}/labels.csv`, column: "kind" }, ["b.png", "none.png"]],
    ]);
    expect(labels.shown.byPath).toEqual([
      ["cats/q.png", "q"],
      ["cats/a.png", "a"],
      ["dogs/b.png", "b"],
    ]);
    expect(labels.shown.tables).toEqual([table(`${CATS}/labels.csv`, "kind")]);
    expect(labels.shown.facets).toMatchObject({
      labels: [
        { label: "b", images: 5 },
        { label: "a", images: 2 },
      ],
      unlabelled: 3,
      notes: { images: 4, matched: 2, unknown: { count: 2, first: ["x.png"] } },
    });
  });
});

test("a folder without the table has no labels: its images are counted as such, and nothing is asked of them", async () => {
  const { fake } = host({
    tables: async (folder) => (folder === CATS ? [table(FROM.file, "kind")] : []),
    facets: vi.fn(async (folder) => (folder === CATS ? facetsOf({ a: 2 }, 1) : facetsOf({ dogs: 4 }, 3))),
  });
  const labels = new PanelLabels(fake);
  labels.follow(sessionOf(["cats/a.png", "dogs/a.png"], FROM, [CATS, DOGS]));
  await settled();
  expect(vi.mocked(fake.of).mock.calls.map((call) => call.slice(0, 3))).toEqual([
    [CATS, FROM, ["q.png", "a.png"]],
    [DOGS, null, []],
  ]);
  expect(labels.shown.byPath.map(([path]) => path)).toEqual(["cats/q.png", "cats/a.png"]);
  expect(labels.shown.facets).toMatchObject({ labels: [{ label: "a", images: 2 }], unlabelled: 8, notes: NOTES });
});

describe("the table of a folder", () => {
  const tables = new Map([
    [CATS, [table(`${CATS}/labels.csv`, "kind"), table("/y/chosen.csv", "kind")]],
    [DOGS, [table(`${DOGS}/labels.csv`, "kind", "age")]],
    [`${CATS}/young`, [table(`${CATS}/young/labels.csv`, "age")]],
  ]);

  test("is its own where that has the column; one from outside of all folders is for each of them", () => {
    expect(labelsIn(CATS, FROM, tables)).toEqual(FROM);
    expect(labelsIn(DOGS, FROM, tables)).toEqual({ file: `${DOGS}/labels.csv`, column: "kind" });
    // A table of another folder names other images by the same paths.
    expect(labelsIn(`${CATS}/young`, FROM, tables)).toBeUndefined();
    const chosen = { file: "/y/chosen.csv", column: "kind" };
    expect(labelsIn(DOGS, chosen, tables)).toEqual(chosen);
    // Folders of a window may lie in each other: the nearest one is a table's home.
    const young = { file: `${CATS}/young/labels.csv`, column: "kind" };
    expect(labelsIn(CATS, young, tables)).toEqual(FROM);
  });

  test("stands for those in the same place of other folders", () => {
    expect(offeredTables(tables).map(({ file }) => file)).toEqual([`${CATS}/labels.csv`, "/y/chosen.csv"]);
  });

  test("counts of one folder are that folder's", () => {
    const one = facetsOf({ a: 1 });
    expect(joinFacets([one])).toBe(one);
    const plain = { ...one, notes: null };
    expect(joinFacets([plain, plain]).notes).toBeNull();
    const split = (...parts: string[]) => ({ ...plain, split: parts });
    expect(joinFacets([split("val", "train"), split(), split("test", "train")]).split).toEqual([
      "test",
      "train",
      "val",
    ]);
    // What one table says of the other folder's images is not unknown.
    const both = joinFacets([one, one], true);
    expect(both.notes).toMatchObject({ images: 4, matched: 2, unknown: { count: 0, first: [] } });
  });
});
