import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PageQuery, SimilarState } from "../../../src/shared/index.ts";
import { Draft } from "../../../webview-ui/similar/draft.ts";
import { toCsv, toJson, toMarkdown } from "../../../webview-ui/similar/exportResults.ts";
import { urisOf } from "../../../webview-ui/similar/incoming.ts";
import { readPageState } from "../../../webview-ui/similar/pageState.ts";
import { comparedColumns } from "../../../webview-ui/similar/viewModel.ts";

const QUERY: PageQuery = {
  examples: [{ path: "q.png", sign: 1, box: null }],
  weights: {},
  filter: {},
  labels: null,
  across: false,
};

describe("a draft", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("asks once after the last of many changes", () => {
    const send = vi.fn();
    const draft = new Draft(send);
    for (let i = 1; i <= 5; i++) {
      draft.change({ weights: { mac: i } }, 100);
      vi.advanceTimersByTime(50);
    }
    expect(send).not.toHaveBeenCalled();
    expect(draft.on(QUERY).weights).toEqual({ mac: 5 });
    vi.advanceTimersByTime(100);
    expect(send).toHaveBeenCalledTimes(1);
  });

  test("holds what the host does not know yet against older answers", () => {
    const draft = new Draft(() => {});
    draft.change({ weights: { mac: 2 } }, 0);
    draft.settle({ ...QUERY, weights: { mac: 1 } });
    expect(draft.on(QUERY).weights).toEqual({ mac: 2 });
    draft.settle({ ...QUERY, weights: { mac: 2 } });
    expect(draft.on(QUERY)).toEqual(QUERY);
  });

  test("can be dropped, and then asks nothing", () => {
    const send = vi.fn();
    const draft = new Draft(send);
    draft.change({ filter: { folder: "a" } }, 10);
    draft.drop();
    vi.advanceTimersByTime(100);
    expect(send).not.toHaveBeenCalled();
    expect(draft.on(QUERY)).toEqual(QUERY);
  });
});

test("a list of URIs is read without comments and empty lines", () => {
  expect(urisOf("# two\r\nfile:///a.png\r\n\r\nvscode-remote://x/b%20c.png\n")).toEqual([
    "file:///a.png",
    "vscode-remote://x/b%20c.png",
  ]);
});

test("a page state of another version is as in a new page", () => {
  const fresh = {
    options: { labels: false, collapse: false, perLabel: false },
    why: { overlay: true, strength: 1, height: null },
    size: 2,
    grid: false,
    selected: null,
  };
  for (const kept of [undefined, null, 5, { page: { options: 3, why: { strength: 7 }, selected: {}, size: 99 } }]) {
    expect(readPageState(kept)).toEqual(fresh);
  }
  const kept = {
    options: { labels: true, collapse: true, perLabel: true },
    why: { overlay: false, strength: 0.5, height: 300 },
    size: 4,
    grid: true,
    selected: "a.png",
  };
  expect(readPageState({ page: kept })).toEqual(kept);
  // A new page marks labels where a table for them was chosen before; one that was kept does as it did.
  expect(readPageState({ folder: "/x" }, true).options.labels).toBe(true);
  const unmarked = { ...kept, options: { ...kept.options, labels: false } };
  expect(readPageState({ page: unmarked }, true)).toEqual(unmarked);
});

describe("an export", () => {
  const columns = comparedColumns([
    { name: "one", ranked: [{ rank: 1, path: 'a,b/"x".png', score: 0.5 }] },
    {
      name: "two",
      ranked: [
        { rank: 1, path: "p|q_.png", score: -0.25 },
        { rank: 2, path: "z.png", score: -0.5 },
      ],
    },
  ]);
  const state = {
    examples: [],
    weights: { mac: 2 },
    filter: {},
    result: null,
    across: null,
  } as unknown as SimilarState;

  test("as CSV escapes what a cell cannot hold", () => {
    expect(toCsv(columns, state).split("\r\n")).toEqual([
      "list,rank,path,score",
      'one,1,"a,b/""x"".png",0.5',
      "two,1,p|q_.png,-0.25",
      "two,2,z.png,-0.5",
      "",
    ]);
  });

  test("as Markdown has a row per rank, and escapes what would be markup", () => {
    expect(toMarkdown(columns).split("\n").slice(2)).toEqual([
      '| 1 | a,b/"x".png 0.50 | p\\|q\\_.png -0.25 |',
      "| 2 |  | z.png -0.50 |",
      "",
    ]);
  });

  test("as JSON tells what embedded each of several folders", () => {
    const models = { cats: { name: "one", fingerprint: "1", descriptors: ["gem"] } };
    const across = { order: "rank", models, indexing: null } as const;
    expect(JSON.parse(toJson(columns, { ...state, across }))).toMatchObject({ order: "rank", models });
  });

  test("as JSON holds the query and the lists", () => {
    const parsed = JSON.parse(toJson(columns, state));
    expect(parsed.weights).toEqual({ mac: 2 });
    expect(parsed.results.two.map(({ path }: { path: string }) => path)).toEqual(["p|q_.png", "z.png"]);
  });
});
