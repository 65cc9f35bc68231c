import { describe, expect, test } from "vitest";
import { plainQuery } from "../../../src/extension/similar/query.ts";
import { SimilarSession } from "../../../src/extension/similar/similarSession.ts";
import type { FolderStatus, IndexSummary, SimilarResult } from "../../../src/shared/index.ts";
import { isOld } from "../../../webview-ui/similar/searched.ts";
import { deferred, MODEL, QUERY, sessionHost, settled, statusOf } from "./sessionHost.ts";

describe("a session", () => {
  test("asks the latest of many changes once, when the search under way is done", async () => {
    const { fake, pending } = sessionHost();
    const session = new SimilarSession(fake, "/images", QUERY, 5);
    const first = session.ask({ ...QUERY, weights: { mac: 1 } });
    const others = [2, 3, 4].map((mac) => session.ask({ ...QUERY, weights: { mac } }));
    await settled();
    expect(pending.map(({ query }) => query.weights)).toEqual([{ mac: 1 }]);
    expect(session.state.weights).toEqual({ mac: 4 });
    pending[0]!.answer();
    await settled();
    expect(pending.map(({ query }) => query.weights)).toEqual([{ mac: 1 }, { mac: 4 }]);
    expect(session.state.searching).toBe(true);
    pending[1]!.answer();
    await Promise.all([first, ...others]);
    expect(session.state).toMatchObject({ searching: false, result: { weights: { mac: 4 } }, notice: null });
  });

  test("asks again when others changed the index, and keeps its lists where they deleted it", async () => {
    const { fake, pending } = sessionHost();
    const session = new SimilarSession(fake, "/images", QUERY, 5);
    const first = session.ask(QUERY);
    await settled();
    pending[0]!.answer();
    await first;
    session.report({ ...statusOf("/images", 0), byOthers: true });
    session.report({ ...statusOf("/elsewhere", 9), byOthers: true });
    session.report({ ...statusOf("/images", 9), asked: "another model", byOthers: true });
    await settled();
    expect(pending).toHaveLength(1);
    expect(session.state.result).not.toBeNull();
    session.report({ ...statusOf("/images", 7), byOthers: true });
    await settled();
    expect(pending).toHaveLength(2);
    expect(session.state).toMatchObject({ folder: { indexed: 7 }, searching: true });
    pending[1]!.answer();
    await settled();
    expect(session.state).toMatchObject({ searching: false, notice: null });
  });

  test("asks again when files came or went while it is open; at the end of a run of its own the run's search is enough", async () => {
    const { fake, pending } = sessionHost();
    const indexing = deferred<IndexSummary>();
    const session = new SimilarSession({ ...fake, index: () => indexing.promise }, "/images", QUERY, 5);
    const started = session.start();
    await settled();
    pending[0]!.answer();
    await settled();
    session.report(statusOf("/images", 6));
    await settled();
    expect(pending).toHaveLength(1);
    indexing.resolve({ indexed: 1, updated: 0, removed: 0 } as IndexSummary);
    await settled();
    expect(pending).toHaveLength(2);
    pending[1]!.answer();
    await started;
    session.report(statusOf("/images", 6));
    await settled();
    expect(pending).toHaveLength(2);
    // Followed by the window: one was deleted.
    session.report(statusOf("/images", 5));
    await settled();
    expect(pending).toHaveLength(3);
    pending[2]!.answer();
    await settled();
    expect(session.state).toMatchObject({ searching: false, folder: { indexed: 5 } });
    // Then the query itself: its lists stay, and nobody asked for an error.
    session.report(statusOf("/images", 4));
    await settled();
    pending[3]!.fail(new Error("q.png: the file is gone"));
    await settled();
    expect(session.state).toMatchObject({ searching: false, notice: null, result: { query: "/images/q.png" } });
  });

  test("asks words, alone or beside an image, and shows them", async () => {
    const { fake, pending } = sessionHost();
    const session = new SimilarSession(fake, "/images", QUERY, 5);
    const texts = [{ text: "red", sign: 1 as const }];
    const both = session.ask({ ...QUERY, texts });
    await settled();
    expect(pending[0]!.query).toMatchObject({ examples: QUERY.examples, texts });
    pending[0]!.answer();
    await both;
    expect(session.state).toMatchObject({ query: { name: "q.png" }, texts, takesWords: false });
    const alone = session.ask({ ...QUERY, examples: [], texts });
    await settled();
    expect(pending[1]!.query).toMatchObject({ examples: [], texts });
    pending[1]!.answer();
    await alone;
    expect(session.state).toMatchObject({ query: { name: "“red”", path: "" }, examples: [], texts });
  });

  test("drops weights of branches that the model lacks, and says so until another query is asked", async () => {
    const { fake, pending } = sessionHost();
    const session = new SimilarSession(fake, "/images", QUERY, 5);
    const asked = session.ask({ ...QUERY, weights: { spoc: 2, mac: 3 } });
    await settled();
    expect(pending[0]!.query.weights).toEqual({ mac: 3 });
    pending[0]!.answer();
    await asked;
    const notice = { kind: "info", text: "m without spoc", actions: [] };
    expect(session.state).toMatchObject({ weights: { mac: 3 }, notice, result: { weights: { mac: 3 } } });
    expect(session.query.weights).toEqual({ mac: 3 });
    const more = session.more(9);
    await settled();
    pending[1]!.answer();
    await more;
    expect(session.state.notice).toEqual(notice);

    // What is left has no weight at all: the model combines as it was made.
    const nothingLeft = session.ask({ ...QUERY, weights: { spoc: 2, mac: 0, gem: 0 } });
    await settled();
    expect(pending[2]!.query.weights).toEqual({});
    pending[2]!.answer();
    await nothingLeft;
    const known = session.ask({ ...QUERY, weights: { gem: 2 } });
    await settled();
    pending[3]!.answer();
    await known;
    expect(session.state).toMatchObject({ weights: { gem: 2 }, notice: null });
  });

  test("searches a folder that has an index without asking first, and looks through its files when others have had theirs", async () => {
    const { fake, pending, states } = sessionHost();
    const status = deferred<FolderStatus>();
    const rest = deferred<void>();
    let runs = 0;
    const session = new SimilarSession(
      {
        ...fake,
        isIndexed: () => true,
        status: () => status.promise,
        rest: () => rest.promise,
        index: async (folder) => {
          runs++;
          return fake.index(folder);
        },
      },
      "/images",
      QUERY,
      5,
    );
    const started = session.start();
    await settled();
    pending[0]!.answer();
    await settled();
    expect(session.state).toMatchObject({ searching: false, result: { query: "/images/q.png" } });
    status.resolve(statusOf("/images", 5));
    await settled();
    expect(runs).toBe(0);
    rest.resolve();
    await started;
    expect(runs).toBe(1);
    expect(pending).toHaveLength(1);
    expect(states.at(-1)).toMatchObject({ folder: { indexed: 5 }, searching: false });
  });

  test("leaves the files alone where another query came meanwhile", async () => {
    const { fake, pending } = sessionHost();
    const rest = deferred<void>();
    let runs = 0;
    const index = async (folder: string) => {
      runs++;
      return fake.index(folder);
    };
    const session = new SimilarSession({ ...fake, rest: () => rest.promise, index }, "/images", QUERY, 5);
    const started = session.start();
    await settled();
    pending[0]!.answer();
    await settled();
    session.dispose();
    rest.resolve();
    await started;
    expect(runs).toBe(0);
  });

  test("does not tell of the failure of a query that is no longer asked for", async () => {
    const { fake, pending } = sessionHost();
    const session = new SimilarSession(fake, "/images", QUERY, 5);
    const first = session.ask(plainQuery(["/images/gone.png"]));
    const second = session.ask(QUERY);
    await settled();
    pending[0]!.fail(new Error("gone.png is not there"));
    await settled();
    pending[1]!.answer();
    await Promise.all([first, second]);
    expect(session.state.notice).toBeNull();
  });

  test("tells of the failure of what is asked for, and keeps the lists", async () => {
    const { fake, pending } = sessionHost();
    const session = new SimilarSession(fake, "/images", QUERY, 5);
    const first = session.ask(QUERY);
    await settled();
    pending[0]!.answer();
    await first;
    const second = session.ask(plainQuery(["/images/gone.png"]));
    await settled();
    pending[1]!.fail(new Error("gone.png is not there"));
    await second;
    expect(session.state).toMatchObject({ notice: { kind: "error", text: "gone.png is not there" }, searching: false });
    expect(session.state.result).not.toBeNull();
    expect(session.state.query.path).toBe("gone.png");
  });

  test("passes regions, signs, filter and length on as they are", async () => {
    const { fake, pending } = sessionHost();
    const session = new SimilarSession(fake, "/images", QUERY, 7);
    const box = { x: 0, y: 0, width: 0.5, height: 0.5 };
    const examples = [
      { image: "/images/q.png", sign: 1, box } as const,
      { image: "/else/b.png", sign: -1, weight: 0.5 } as const,
    ];
    const filter = { folder: "a", minScore: 0.2, labels: ["cat", ""] };
    const labels = { file: "/images/labels.csv", column: "kind" };
    void session.ask({ examples, weights: { gem: 0 }, filter, labels, across: false });
    await settled();
    expect(pending[0]!.query).toEqual({ examples, weights: { gem: 0 }, only: filter, labels, k: 7 });
    expect(session.state).toMatchObject({ filter, labels });
    expect(
      session.state.examples.map(({ path, inside, sign, box: drawn, weight }) => [path, inside, sign, drawn, weight]),
    ).toEqual([
      ["q.png", true, 1, box, undefined],
      ["/else/b.png", false, -1, null, 0.5],
    ]);
  });
});

describe("a result of the model before", () => {
  const before = { query: "q.png", model: { ...MODEL, fingerprint: "old" } } as unknown as SimilarResult;

  test("stays until there is an answer, and is known as old by then", async () => {
    const { fake, pending } = sessionHost();
    const session = new SimilarSession(fake, "/images", QUERY, 5, before);
    const started = session.start();
    await settled();
    expect(session.state.result).toBe(before);
    expect(isOld(session.state)).toBe(true);
    pending[0]!.answer();
    await started;
    expect(isOld(session.state)).toBe(false);
    session.report({ ...statusOf("/images", 5), model: { ...MODEL, fingerprint: "newer" } });
    expect(isOld(session.state)).toBe(true);
  });

  test("stays where the folder cannot be indexed with the new one", async () => {
    const { fake, pending } = sessionHost();
    const stopped = new Error("cancelled");
    const index = () => Promise.reject(stopped);
    const unindexed = { ...fake, status: async (folder: string) => statusOf(folder, 0), index };
    const session = new SimilarSession({ ...unindexed, isCancellation: () => true }, "/images", QUERY, 5, before);
    await session.start();
    expect(pending).toEqual([]);
    expect(session.state).toMatchObject({ result: before, notice: { kind: "info", actions: ["indexFolder"] } });
    expect(isOld(session.state)).toBe(true);
  });

  test("gives way to the notice that there are no images", async () => {
    const { fake, pending } = sessionHost();
    const empty = { ...fake, status: async (folder: string) => statusOf(folder, 0) };
    const session = new SimilarSession(empty, "/images", QUERY, 5, before);
    const started = session.start();
    await settled();
    pending[0]!.answer();
    await started;
    expect(session.state.result).not.toBe(before);
  });
});

test("a disposed session tells nothing any more", async () => {
  const { fake, pending, states } = sessionHost();
  const session = new SimilarSession(fake, "/images", QUERY, 5);
  const asked = session.ask(QUERY);
  await settled();
  session.dispose();
  const before = states.length;
  pending[0]!.answer();
  await asked;
  expect(states).toHaveLength(before);
});
