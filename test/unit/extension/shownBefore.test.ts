import { expect, test } from "vitest";
import { ShownBefore } from "../../../src/extension/similar/shownBefore.ts";
import type { SimilarState } from "../../../src/shared/index.ts";

const state = (query: string, found: readonly string[] | null, compared: readonly string[] | null = null) => {
  const ranked = (paths: readonly string[]) => paths.map((path, i) => ({ path, score: 1, rank: i + 1 }));
  return {
    query: { name: query, path: query, inside: true },
    examples: [{ name: query, path: query, inside: true, sign: 1, box: null }],
    result: found === null ? null : { results: { spoc: ranked(found), combined: ranked(found.slice(0, 1)) } },
    comparison: compared === null ? null : [{ name: "m", ranked: ranked(compared) }],
  } as unknown as SimilarState;
};

test("a page may ask for what it was told, also a while ago, and for nothing else", () => {
  const shown = new ShownBefore();
  shown.see(state("q.png", null));
  expect(shown.has("q.png")).toBe(true);
  expect(shown.has("a.png")).toBe(false);
  shown.see(state("q.png", ["a.png", "b/c.png"]));
  shown.see(state("b/c.png", null, ["d.png"]));
  expect(["q.png", "a.png", "b/c.png", "d.png"].every((path) => shown.has(path))).toBe(true);
  for (const path of [".env", ".git/config", "../x.png", "/etc/passwd", ""]) expect(shown.has(path)).toBe(false);
});
