import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { PAGE_PARAMS, SavedHistorySchema, SavedQuerySchema } from "../../../src/extension/similar/pageMessages.ts";
import { KEPT } from "../../../src/extension/similar/panelHistory.ts";
import { plainQuery } from "../../../src/extension/similar/query.ts";

const QUERY = plainQuery(["/images/q.png"]);

describe("a message of the page", () => {
  const example = { path: "a.png", sign: 1, box: null };
  const refused = (method: keyof typeof PAGE_PARAMS, params: unknown) =>
    expect(v.safeParse(PAGE_PARAMS[method], params).success, JSON.stringify(params)).toBe(false);

  test("with a wrong shape is refused", () => {
    const query = (change: object) => ({
      ...{ examples: [example], weights: {}, filter: {}, labels: null, across: false },
      ...change,
    });
    expect(v.safeParse(PAGE_PARAMS.query, query({})).success).toBe(true);
    const labelled = { labels: { file: "/images/l.csv", column: "kind" }, filter: { labels: ["a", ""] } };
    expect(v.safeParse(PAGE_PARAMS.query, query(labelled)).success).toBe(true);
    refused("query", query({ labels: { file: "", column: "kind" } }));
    refused("query", query({ labels: { file: "/images/l.csv", column: 3 } }));
    refused("query", query({ labels: { file: "/images/l.csv", column: "kind", more: 1 } }));
    refused("query", query({ labels: undefined }));
    refused("query", query({ filter: { labels: "a" } }));
    refused("query", query({ filter: { labels: [null] } }));
    refused("query", query({ filter: { labels: Array(10_001).fill("a") } }));
    refused("chooseTable", { file: "/etc/passwd" });
    const box = (x: number, width: number) => query({ examples: [{ ...example, box: { x, y: 0, width, height: 1 } }] });
    expect(v.safeParse(PAGE_PARAMS.query, box(0.5, 0.5)).success).toBe(true);
    const weighed = (weight: number) => query({ examples: [{ ...example, weight }] });
    expect(v.safeParse(PAGE_PARAMS.query, weighed(0.25)).success).toBe(true);
    refused("query", weighed(0));
    refused("query", weighed(Number.NaN));
    refused("query", box(0.5, 0.6));
    refused("query", box(0.5, 0));
    refused("query", box(Number.NaN, 0.5));
    refused("query", query({ examples: [] }));
    const words = (text: object) => query({ examples: [], texts: [{ text: "red", sign: 1, ...text }] });
    expect(v.safeParse(PAGE_PARAMS.query, words({ weight: 0.5 })).success).toBe(true);
    refused("query", query({ examples: [], texts: [] }));
    refused("query", words({ text: "  " }));
    refused("query", words({ text: "x".repeat(1001) }));
    refused("query", words({ weight: 0 }));
    refused("query", words({ sign: 2 }));
    refused("query", query({ texts: Array(21).fill({ text: "red", sign: 1 }) }));
    refused("query", query({ examples: Array(51).fill(example) }));
    refused("query", query({ examples: [{ ...example, sign: 0 }] }));
    refused("query", query({ weights: { mac: -1 } }));
    refused("query", query({ filter: { minScore: 2 } }));
    refused("query", query({ more: 1 }));
    refused("query", query({ across: 1 }));
    refused("paste", { bytes: new Uint8Array(0) });
    refused("paste", { bytes: [1, 2, 3] });
    refused("save", { name: "../x.csv", content: "" });
    refused("save", { name: "x.exe", content: "" });
    refused("drop", { uris: [], sign: 1 });
  });

  test("that was kept by an earlier window is read as it was", () => {
    const saved = { folder: "/images", ...QUERY, pinned: false };
    expect(v.parse(SavedQuerySchema, { ...saved, page: { anything: 1 } })).toEqual(saved);
    const { across: _, labels: __, ...earlier } = saved;
    expect(v.parse(SavedQuerySchema, earlier)).toEqual(saved);
    const words = { ...saved, examples: [], texts: [{ text: "red", sign: -1 }] };
    expect(v.parse(SavedQuerySchema, words)).toEqual(words);
    expect(v.safeParse(SavedQuerySchema, { ...saved, examples: [] }).success).toBe(false);
    expect(v.safeParse(SavedQuerySchema, { folder: "/images", image: "/images/q.png" }).success).toBe(false);
  });

  test("with a history is read as it was, and one that cannot be is not", () => {
    const visit = { folder: "/images", ...QUERY };
    const history = (at: number, visits: readonly object[] = [visit, visit]) =>
      v.safeParse(SavedHistorySchema, { ...visit, history: { visits, at } });
    expect(history(1).output).toEqual({ history: { visits: [visit, visit], at: 1 } });
    expect(history(2).success).toBe(false);
    expect(history(-1).success).toBe(false);
    expect(history(0, []).success).toBe(false);
    expect(history(0, [{ ...visit, examples: [] }]).success).toBe(false);
    expect(history(0, Array(KEPT + 1).fill(visit)).success).toBe(false);
    expect(v.safeParse(SavedHistorySchema, visit).success).toBe(false);
  });
});
