import { describe, expect, test, vi } from "vitest";
import { type AcrossHost, AcrossSession } from "../../../src/extension/similar/acrossSession.ts";
import { plainQuery } from "../../../src/extension/similar/query.ts";
import { SearchedRoots } from "../../../src/extension/similar/searchedRoots.ts";
import {
  type FolderStatus,
  type IndexSummary,
  type ModelSummary,
  mergeAnswers,
  type SimilarQuery,
  type SimilarResult,
} from "../../../src/shared/index.ts";
import { isOld } from "../../../webview-ui/similar/searched.ts";

const CATS = "/x/cats";
const DOGS = "/x/dogs";
const BIRDS = "/y/birds";
const QUERY = { ...plainQuery([`${CATS}/a/q.png`]), across: true };
const CANCELLED = new Error("cancelled");

/** An engine that has an index of the cats and the dogs, none of the birds; each folder has one image. */
function host(models: Record<string, string>, change: Partial<AcrossHost> = {}) {
  const indexed: Record<string, number> = { [CATS]: 3, [DOGS]: 2, [BIRDS]: 0 };
  const modelOf = (folder: string): ModelSummary => {
    return { name: "m", fingerprint: models[folder] ?? "m", descriptors: ["gem"] };
  };
  const status = (folder: string) =>
    ({
      folder,
      indexed: indexed[folder],
      device: "cpu",
      deviceReport: { asked: "auto", used: "cpu" },
      progress: null,
      model: modelOf(folder),
    }) as FolderStatus;
  const resultOf = (folder: string, { examples, weights = {} }: SimilarQuery): SimilarResult => {
    const list = [{ rank: 1, path: "r.png", score: folder === CATS ? 0.2 : 0.8 }];
    const results = { gem: list, combined: list };
    return {
      query: examples[0]!.image,
      examples,
      weights,
      model: modelOf(folder),
      chance: null,
      kinds: false,
      results,
      scores: {},
    };
  };
  const fake: AcrossHost = {
    status: async (folder) => status(folder),
    similar: () => Promise.reject(new Error("one folder was asked")),
    similarAcross: vi.fn(async (folders: readonly string[], names: Readonly<Record<string, string>>, query) => {
      const answers = folders.map((folder) => ({ folder, result: resultOf(folder, query) }));
      return mergeAnswers(answers, query.k, names);
    }),
    index: vi.fn(async (folder: string) => {
      indexed[folder] = 4;
      return { indexed: 4 } as IndexSummary;
    }),
    mayIndex: () => true,
    isEmpty: () => false,
    isCancellation: (error) => error === CANCELLED,
    failureText: (error) => (error as Error).message,
    texts: {
      untrusted: "",
      noImages: "",
      firstLook: (looked, found) => `first ${looked} of ${found}`,
      cancelled: "stopped",
      comparing: () => "",
      notAdapted: () => "",
      weightsDropped: () => "",
      missing: (names) => `without ${names.join(" ")}`,
      empty: (names) => `nothing in ${names.join(" ")}`,
    },
    changed: () => {},
    now: () => 0,
    ...change,
  };
  return { fake, status, indexed, models };
}

const sessionOf = (fake: AcrossHost, folders = [CATS, DOGS, BIRDS]) =>
  new AcrossSession(fake, CATS, new SearchedRoots(folders), QUERY, 5);
const paths = ({ state }: AcrossSession) => state.result?.results["combined"]?.map(({ path }) => path);

describe("a search of all folders", () => {
  test("asks those that are indexed, and names the others", async () => {
    const { fake } = host({});
    const session = sessionOf(fake);
    await session.start();
    expect(paths(session)).toEqual(["dogs/r.png", "cats/r.png"]);
    expect(session.state).toMatchObject({
      query: { path: "cats/a/q.png", inside: true },
      folder: { indexed: 5 },
      across: { order: "score" },
      notice: { kind: "info", text: "without birds", actions: ["indexFolder"] },
      searching: false,
    });
    await session.indexMissing();
    expect(fake.index).toHaveBeenCalledTimes(1);
    expect(session.state).toMatchObject({ folder: { indexed: 9 }, notice: null });
    expect(paths(session)).toEqual(["dogs/r.png", "birds/r.png", "cats/r.png"]);
  });

  test("a folder in which a run found nothing is not offered to be indexed", async () => {
    const { fake } = host({}, { isEmpty: (folder) => folder === BIRDS });
    const session = sessionOf(fake);
    await session.start();
    expect(session.state.notice).toEqual({ kind: "info", text: "nothing in birds", actions: [] });
  });

  test("passes regions, signs, weights, filter and length on as they are", async () => {
    const { fake } = host({});
    const session = sessionOf(fake);
    await session.start();
    const box = { x: 0, y: 0, width: 0.5, height: 0.5 };
    const examples = [{ image: `${CATS}/q.png`, sign: 1, box } as const, { image: "/z/b.png", sign: -1 } as const];
    const filter = { folder: "dogs/old", minScore: 0.2 };
    await session.ask({ examples, weights: { gem: 0.5 }, filter, labels: null, across: true });
    const names = { [CATS]: "cats", [DOGS]: "dogs", [BIRDS]: "birds" };
    const query = { examples, weights: { gem: 0.5 }, only: filter, labels: null, k: 5 };
    expect(fake.similarAcross).toHaveBeenLastCalledWith([CATS, DOGS], names, query);
    expect(session.state.examples.map(({ path, inside }) => [path, inside])).toEqual([
      ["cats/q.png", true],
      ["/z/b.png", false],
    ]);
  });

  test("goes by rank where the models differ, and tells what each is", async () => {
    const { fake } = host({ [CATS]: "one", [DOGS]: "two" });
    const session = sessionOf(fake);
    await session.start();
    expect(paths(session)).toEqual(["cats/r.png", "dogs/r.png"]);
    expect(session.state.across).toMatchObject({
      order: "rank",
      models: { cats: { fingerprint: "one" }, dogs: { fingerprint: "two" } },
    });
  });

  test("knows that a folder has another model by now", async () => {
    const { fake, status, models, indexed } = host({});
    const session = sessionOf(fake, [CATS, DOGS]);
    await session.start();
    expect(isOld(session.state)).toBe(false);
    models[DOGS] = "other";
    session.report({ ...status(DOGS), progress: { phase: "scanning" } } as FolderStatus);
    expect(session.state.across?.indexing).toBe("dogs");
    expect(isOld(session.state)).toBe(true);
    indexed[DOGS] = 7;
    session.report(status(DOGS));
    await vi.waitFor(() => expect(session.state.searching).toBe(false));
    await vi.waitFor(() => expect(isOld(session.state)).toBe(false));
    expect(session.state).toMatchObject({ across: { order: "rank", indexing: null }, folder: { indexed: 10 } });
  });

  test("stays as it is where indexing is cancelled", async () => {
    const { fake } = host({}, { index: () => Promise.reject(CANCELLED) });
    const session = sessionOf(fake);
    await session.start();
    await session.indexMissing();
    expect(paths(session)).toEqual(["dogs/r.png", "cats/r.png"]);
    expect(session.state.notice).toMatchObject({ text: "stopped", actions: ["indexFolder"] });
  });

  test("indexes nothing in a workspace that is not trusted", async () => {
    const { fake } = host({}, { mayIndex: () => false });
    const session = sessionOf(fake);
    await session.start();
    await session.indexMissing();
    expect(fake.index).not.toHaveBeenCalled();
    expect(session.state.notice).toMatchObject({ text: "without birds", actions: [] });
  });
});

describe("the folders of a window", () => {
  const roots = new SearchedRoots([CATS, "/y/cats", `${CATS}/young`]);

  test("show a file with the name of the folder that is nearest to it", () => {
    const shown = [`${CATS}/a.png`, "/y/cats/b/c.png", `${CATS}/young/d.png`, "/z/e.png"].map((image) =>
      roots.shown(image),
    );
    expect(shown.map(({ path, inside }) => [path, inside])).toEqual([
      ["cats/a.png", true],
      ["cats (2)/b/c.png", true],
      ["young/d.png", true],
      ["/z/e.png", false],
    ]);
  });

  test("give a page their images and the examples, and no other file", () => {
    const examples = [{ image: "/z/e.png", sign: 1 } as const];
    expect(roots.resolve(examples, "cats (2)/b/c.png")).toBe("/y/cats/b/c.png");
    expect(roots.resolve(examples, "/z/e.png")).toBe("/z/e.png");
    for (const path of ["/z/f.png", "e.png", "birds/a.png", "cats/../../z/f.png", "cats/a\\..\\..\\f.png", "/a.png"]) {
      expect(roots.resolve(examples, path), path).toBeUndefined();
    }
  });

  test("turn a query of one into one of all and back; a filter stays where it has a meaning", () => {
    const query = { ...QUERY, across: false, filter: { folder: "a", minScore: 0.3 } };
    const all = roots.scoped(query, CATS, true);
    expect(all).toMatchObject({ across: true, filter: { minScore: 0.3 } });
    expect(all.filter).not.toHaveProperty("folder");
    const filtered = { ...all, filter: { folder: "cats (2)/b" } };
    expect(roots.scoped(filtered, "/y/cats", false)).toMatchObject({ across: false, filter: { folder: "b" } });
    expect(roots.scoped(filtered, CATS, false).filter).toEqual({});
  });
});
