import type { ShownLabels, SimilarState } from "../../../src/shared/index.ts";

export const BRANCHES = ["spoc", "mac", "gem"];

/** Before anything is known of labels. */
export const NO_LABELS: ShownLabels = { tables: [], byPath: [], facets: null, problem: null };

/** Lists of `count` images, each shuffled a little against the others. */
export function similarState(count: number, branches: readonly string[] = BRANCHES): SimilarState {
  const paths = Array.from({ length: count }, (_, i) => `folder ${i % 7}/image ${i}.png`);
  const scoreOf = (i: number, column: number) => 1 - ((i * (column + 1) * 7919) % count) / count;
  const scores = Object.fromEntries(
    paths.map((path, i) => {
      const own = branches.map((name, column) => [name, scoreOf(i, column)] as const);
      const combined = own.reduce((sum, [, score]) => sum + score, 0) / branches.length;
      return [path, { ...Object.fromEntries(own), combined }];
    }),
  );
  const list = (column: string) =>
    paths
      .map((path) => ({ path, score: (scores[path] as Record<string, number>)[column]! }))
      .sort((a, b) => b.score - a.score)
      .map((image, i) => ({ ...image, rank: i + 1 }));
  const query = { name: "q.png", path: "folder 1/q.png", inside: true };
  return {
    query,
    examples: [{ ...query, sign: 1, box: null }],
    weights: {},
    filter: {},
    labels: null,
    across: null,
    folder: { name: "images", indexed: count + 1 },
    device: "cpu",
    unmet: null,
    model: "",
    result: {
      query: query.path,
      examples: [{ image: query.path, sign: 1 }],
      weights: Object.fromEntries(branches.map((name) => [name, 1])),
      chance: null,
      kinds: false,
      model: { name: "m", fingerprint: "", descriptors: [...branches] },
      results: Object.fromEntries([...branches, "combined"].map((column) => [column, list(column)])),
      scores,
    },
    comparison: null,
    searching: false,
    progress: null,
    notice: null,
  };
}
