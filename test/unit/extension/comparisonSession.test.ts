import { expect, test, vi } from "vitest";
import { type ComparedChoice, labelOf } from "../../../src/extension/similar/comparedChoice.ts";
import { ComparisonSession } from "../../../src/extension/similar/comparisonSession.ts";
import { plainQuery } from "../../../src/extension/similar/query.ts";
import type { SessionHost } from "../../../src/extension/similar/session.ts";
import type {
  FolderStatus,
  IndexSummary,
  SimilarQuery,
  SimilarResult,
  SimilarState,
} from "../../../src/shared/index.ts";

const QUERY = plainQuery(["/images/q.png"]);
const MODELS: readonly ComparedChoice[] = ["old", "new"].map((name) => ({ label: name, model: name }));
const CANCELLED = new Error("cancelled");

/** An engine with two models: `old` has an index of ten images, `new` has none until it is indexed. */
function host(change: Partial<SessionHost> = {}) {
  const indexed: Record<string, number> = { old: 10, new: 0 };
  const states: SimilarState[] = [];
  const fake: SessionHost = {
    status: async (folder, asked?: ComparedChoice) => status(folder, asked!.model, indexed[asked!.model] ?? 0),
    similar: vi.fn(async (_folder: string, { k }: SimilarQuery, asked?: ComparedChoice): Promise<SimilarResult> => {
      const { model } = asked!;
      const combined = Array.from({ length: k }, (_, i) => ({
        rank: i + 1,
        path: `${model}/${i}.png`,
        score: 1 - i / k,
      }));
      return {
        query: "q.png",
        examples: [{ image: "q.png", sign: 1 }],
        weights: {},
        chance: null,
        kinds: false,
        model: { name: model, fingerprint: "", descriptors: [] },
        results: { combined },
        scores: {},
      };
    }),
    index: vi.fn(async (_folder: string, asked?: ComparedChoice) => {
      const { model } = asked!;
      const before = indexed[model] ?? 0;
      indexed[model] = 10;
      return { indexed: 10 - before, updated: 0, removed: 0 } as IndexSummary;
    }),
    mayIndex: () => true,
    isCancellation: (error) => error === CANCELLED,
    failureText: (error) => String(error),
    texts: {
      untrusted: "untrusted",
      noImages: "no images",
      firstLook: (looked, found) => `first ${looked} of ${found}`,
      cancelled: "stopped",
      comparing: (model) => `with ${model}`,
      notAdapted: (model) => `${model}, not adapted`,
      weightsDropped: () => "",
    },
    changed: (state) => states.push(state),
    now: () => 0,
    ...change,
  };
  return { fake, states };
}

function status(folder: string, asked: string, indexed: number): FolderStatus {
  const model = { name: asked, fingerprint: "", descriptors: [] };
  const deviceReport = { asked: "cpu", used: "cpu", reason: null, tried: [], batch: 8 } as const;
  return { folder, asked, indexed, skipped: 0, device: "cpu", deviceReport, model, location: "", progress: null };
}

const lists = ({ comparison }: SimilarState) =>
  comparison?.map(({ name, ranked }) => `${name} ${ranked?.map(({ path }) => path).join(" ") ?? "none"}`);

test("shows what has an index at once, indexes with each model, and ends with a list for each", async () => {
  const { fake, states } = host();
  const session = new ComparisonSession(fake, "/images", QUERY, MODELS, 2);
  expect(lists(session.state)).toEqual(["old none", "new none"]);
  await session.start();
  expect(lists(session.state)).toEqual(["old old/0.png old/1.png", "new new/0.png new/1.png"]);
  expect(session.state).toMatchObject({ notice: null, searching: false, progress: null, result: null });
  expect(states.map(({ notice }) => notice?.text)).toContain("with new");
  const first = states.findIndex((state) => lists(state)?.[0] !== "old none");
  expect(first).toBeLessThan(states.findIndex(({ notice }) => notice?.text === "with old"));
  // Nothing was new for the first model, so that its first answer stands.
  expect(vi.mocked(fake.similar).mock.calls.map(([, , choice]) => choice?.model)).toEqual(["old", "new"]);
});

test("a folder without images is no error, and says so", async () => {
  const nothing = { indexed: 0, updated: 0, removed: 0 } as IndexSummary;
  const { fake } = host({
    status: async (folder, asked?: ComparedChoice) => status(folder, asked!.model, 0),
    index: async () => nothing,
  });
  const session = new ComparisonSession(fake, "/images", QUERY, MODELS, 1);
  await session.start();
  expect(session.state.notice).toMatchObject({ kind: "info", text: "no images" });
});

test("asked again of every model when others changed the index of one", async () => {
  const { fake } = host();
  const session = new ComparisonSession(fake, "/images", QUERY, MODELS, 5);
  await session.start();
  vi.mocked(fake.similar).mockClear();
  session.report({ ...status("/images", "another", 8), byOthers: true });
  session.report({ ...status("/images", "new", 11), byOthers: true });
  await vi.waitFor(() => expect(fake.similar).toHaveBeenCalledTimes(2));
  expect(vi.mocked(fake.similar).mock.calls.map(([, , asked]) => asked!.model)).toEqual(["old", "new"]);
});

test("longer lists are asked of every model", async () => {
  const { fake } = host();
  const session = new ComparisonSession(fake, "/images", QUERY, MODELS, 2);
  await session.start();
  await session.more(4);
  expect(session.state.comparison?.map(({ ranked }) => ranked?.length)).toEqual([4, 4]);
});

test("without trust nothing is indexed; models with an index still answer", async () => {
  const { fake } = host({ mayIndex: () => false });
  const session = new ComparisonSession(fake, "/images", QUERY, MODELS, 1);
  await session.start();
  expect(lists(session.state)).toEqual(["old old/0.png", "new none"]);
  expect(session.state.notice?.text).toBe("untrusted");
  expect(fake.index).not.toHaveBeenCalled();
});

test("a cancelled run ends the indexing with all models, and says so", async () => {
  const { fake } = host({ index: vi.fn(() => Promise.reject(CANCELLED)) });
  const session = new ComparisonSession(fake, "/images", QUERY, MODELS, 1);
  await session.start();
  expect(fake.index).toHaveBeenCalledTimes(1);
  expect(session.state.notice).toMatchObject({ kind: "info", text: "stopped" });
  expect(lists(session.state)?.[0]).toBe("old old/0.png");
});

test("a model that is gone is an error with a way on; the other lists stay", async () => {
  const { fake } = host({
    status: async (folder, asked?: ComparedChoice) => {
      if (asked?.model === "new") throw new Error('There is no model "new".');
      return status(folder, asked!.model, 10);
    },
  });
  const session = new ComparisonSession(fake, "/images", QUERY, MODELS, 1);
  await session.start();
  expect(session.state.notice).toMatchObject({ kind: "error", actions: ["retry", "showLog"] });
  expect(lists(session.state)?.[0]).toBe("old old/0.png");
});

test("only reports of its models count, and none after it is disposed", async () => {
  const { fake } = host();
  const session = new ComparisonSession(fake, "/images", QUERY, MODELS, 1);
  session.report(status("/images", "new", 7));
  expect(session.state.folder.indexed).toBe(7);
  session.report(status("/images", "another", 8));
  session.report(status("/elsewhere", "new", 8));
  expect(session.state.folder.indexed).toBe(7);
  session.dispose();
  session.report(status("/images", "new", 9));
  expect(session.state.folder.indexed).toBe(7);
});

test("a model as it is and adapted are two columns; one that cannot be adapted says so", async () => {
  const forms: readonly ComparedChoice[] = [
    { label: "old+adapted", model: "old", adapt: true },
    { label: "old", model: "old", adapt: false },
  ];
  const { fake } = host();
  const answer = vi.mocked(fake.similar).getMockImplementation()!;
  vi.mocked(fake.similar).mockImplementation(async (folder, query, asked) => {
    const result = await answer(folder, query, asked);
    return asked?.adapt === true ? { ...result, model: { ...result.model, name: "old+adapted" } } : result;
  });
  const session = new ComparisonSession(fake, "/images", QUERY, forms, 1);
  await session.start();
  expect(session.state.comparison?.map(({ name }) => name)).toEqual(["old+adapted", "old"]);
  vi.mocked(fake.similar).mockImplementation(answer);
  await session.more(2);
  expect(session.state.comparison?.map(({ name }) => name)).toEqual(["old, not adapted", "old"]);
});

test("begun again, it shows the lists of before until there are newer ones", async () => {
  const { fake } = host();
  const first = new ComparisonSession(fake, "/images", QUERY, MODELS, 2);
  await first.start();
  const again = new ComparisonSession(fake, "/images", QUERY, MODELS, 2, first.state.comparison);
  expect(lists(again.state)).toEqual(["old old/0.png old/1.png", "new new/0.png new/1.png"]);
});

test("a model has the name that it has in the panel: of the form that was searched", () => {
  const form = (label: string, adapt: boolean) => ({ label, model: "old", adapt });
  const named = (choice: ComparedChoice, answered: string) =>
    labelOf(choice, answered, (model) => `${model}, not adapted`);
  expect(named(form("old+adapted", true), "old-int8+adapted")).toBe("old-int8+adapted");
  expect(named(form("old+adapted", true), "old-int8")).toBe("old, not adapted");
  expect(named(form("old", false), "old-int8")).toBe("old-int8");
  expect(named(form("old", false), "old")).toBe("old");
  // A model may be installed under another name than the one it has for itself.
  expect(named(form("mine", false), "old-int8")).toBe("mine");
});
