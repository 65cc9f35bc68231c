import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Projection } from "../../../src/core/projection/projection.ts";
import { openProjectionCache } from "../../../src/core/projection/projectionCache.ts";
import { DEFAULT_PROJECTION, type MapQuality } from "../../../src/shared/index.ts";

let root: string;
let warnings: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-layouts-"));
  warnings = [];
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true, force: true });
});

const open = () => openProjectionCache(join(root, "abc.sqlite"), (message) => warnings.push(message));
const file = () => join(root, "abc.projections.sqlite");
const parameters = (seed: number) => ({ ...DEFAULT_PROJECTION, seed });

function layout(seed: number): Projection {
  return {
    parameters: parameters(seed),
    paths: ["a.png", "b.png"],
    signatures: Uint32Array.of(1, 2),
    excluded: [],
    tables: new Map([["gem", { count: 2, k: 1, indices: Int32Array.of(1, 0), scores: Float32Array.of(0.5, 0.5) }]]),
    maps: new Map([
      ["gem", { points: Float32Array.of(0, 1, 2, 3), quality: { trustworthiness: 1 } as unknown as MapQuality }],
    ]),
    changes: 0,
  };
}

test("the clock goes back a day: a layout that was just made is kept, and those that were used last", () => {
  vi.setSystemTime(1e12);
  const cache = open();
  for (let seed = 0; seed < 8; seed++) cache.put(layout(seed));
  vi.setSystemTime(1e12 - 86_400_000);
  expect(cache.get(parameters(0))).toEqual(layout(0));
  for (let seed = 8; seed < 12; seed++) cache.put(layout(seed));
  const kept = Array.from({ length: 12 }, (_, seed) => seed).filter(
    (seed) => cache.get(parameters(seed)) !== undefined,
  );
  expect(kept).toEqual([0, 5, 6, 7, 8, 9, 10, 11]);
  cache.close();
  expect(warnings).toEqual([]);
});

test.each([
  ["points that are cut short", "update map set points = x'00000000'"],
  ["points that are no numbers", "update map set points = x'0000c07f0000c07f0000c07f0000c07f'"],
  ["a neighbour that is not there", "update neighbours set rows = x'0500000000000000'"],
  ["no table of maps", "drop table map"],
])("a layout with %s is none, and is made again", (_, sql) => {
  const cache = open();
  cache.put(layout(1));
  cache.close();
  const database = new Database(file());
  database.exec(sql);
  database.close();
  const damaged = open();
  expect(damaged.get(parameters(1))).toBeUndefined();
  damaged.put(layout(1));
  expect(damaged.get(parameters(1))).toEqual(layout(1));
  damaged.close();
  expect(warnings).toEqual([]);
});

test("a file that is no database is made anew", () => {
  writeFileSync(file(), "no database".repeat(1000));
  const cache = open();
  cache.put(layout(1));
  expect(cache.get(parameters(1))).toEqual(layout(1));
  cache.close();
  expect(warnings).toEqual([]);
});
