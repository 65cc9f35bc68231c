/** States of the similar page that several test files use. */
import type { QueryText, SimilarState, SuggestedWeights } from "../../../src/shared/index.ts";
import { BRANCHES, similarState } from "./similarState.ts";

export const CHOSEN_WEIGHTS: SuggestedWeights = {
  weights: { spoc: 0.25, mac: 1, gem: 0.5 },
  from: "names",
  gain: { mean: 0.031, error: 0.008, chosenOn: 6, measuredOn: 5 },
  images: 61,
};

export const TEXTS: readonly QueryText[] = [
  { text: "red zebra", sign: 1 },
  { text: "a rather long sentence of what is not to be there", sign: -1, weight: 0.5 },
];

/** An answer to words: the last branch ranks. @param limit best score of random words */
export function answeredByWords(
  texts: readonly QueryText[],
  change: Partial<SimilarState> = {},
  limit = 0.2,
): SimilarState {
  const state = similarState(30);
  const result = state.result!;
  const branch = BRANCHES.at(-1)!;
  const words = {
    texts,
    branch,
    best: [],
    cutOff: { score: limit, by: "random" as const },
    notes: [{ kind: "strange" as const, words: ["zebra"] }],
  };
  const results = { ...result.results, combined: result.results[branch]! };
  const weights = Object.fromEntries(BRANCHES.map((name) => [name, name === branch ? 1 : 0]));
  return {
    ...state,
    query: { name: "“red zebra”", path: "", inside: false },
    examples: [],
    texts,
    takesWords: true,
    result: { ...result, examples: [], weights, results, words, chance: { [branch]: limit, combined: limit } },
    ...change,
  };
}
