import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { wantedIn } from "../../../src/core/images/index.ts";
import { EmbedderPool, FolderIndex, openEmbedder, QueryError } from "../../../src/core/index.ts";
import { spreadOut } from "../../../src/shared/index.ts";
import { like } from "../../fixtures/like.ts";

const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
let root: string;
let folder: string;
let index: FolderIndex;

async function draw(path: string, shape: string): Promise<void> {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120" width="96" height="96"><rect width="120" height="120" fill="#eee"/>${shape}</svg>`;
  await sharp(Buffer.from(svg)).png().toFile(file);
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-first-"));
  folder = join(root, "images");
  for (let i = 0; i < 12; i++) {
    await draw(`a/round ${i}.png`, `<circle cx="60" cy="60" r="${30 + i}" fill="#a33"/>`);
    await draw(`b/deep/square ${i}.png`, `<path d="M20 20h80v80h-80z M45 45v${20 + i}h30v-${20 + i}z" fill="#33a"/>`);
  }
  writeFileSync(join(folder, "a", "broken.png"), "no picture");
  index = await FolderIndex.open(folder, pool, ensureDefaultModel(), { location: join(root, "indexes") });
}, 120_000);
afterAll(async () => {
  await index.close();
  await pool.release();
  rmSync(root, { recursive: true, force: true });
});

const query = () => like(join(folder, "a", "round 3.png"), 8);
/** Time that passes by a step at each look at the clock. */
const clock = (step: number) => {
  let time = 0;
  return () => (time += step);
};

test("finds what is like the query without an index, leaves the query out, and keeps nothing", async () => {
  const look = (await index.firstLook(query(), { budget: { list: 10_000, embed: 10_000 }, now: clock(1) }))!;
  expect(look.looked).toBe(23);
  // As listed, the broken one among them: it is the index that will say why.
  expect(look.found).toBe(25);
  const { results, query: shown, model, chance } = look.result;
  expect(shown).toBe("a/round 3.png");
  expect(chance).toBeNull();
  expect(Object.keys(results)).toEqual([...model.descriptors, "combined"]);
  const best = results["combined"]!.map(({ path }) => path);
  expect(best).toHaveLength(8);
  expect(best.every((path) => path.startsWith("a/round"))).toBe(true);
  expect(best).not.toContain("a/round 3.png");
  expect((await index.status()).indexed).toBe(0);
});

test("what is shown has the scores that an index of the model as it is would have", async () => {
  const place = { location: join(root, "raw"), adapt: false };
  const raw = await FolderIndex.open(folder, pool, ensureDefaultModel(), place);
  try {
    await raw.update();
    const look = (await index.firstLook(query(), { budget: { list: 10_000, embed: 10_000 }, now: clock(1) }))!;
    const whole = await raw.similar(query());
    const scores = (result: typeof whole) =>
      result.results["combined"]!.map(({ score }) => Math.round(100 * score) / 100);
    expect(scores(look.result)).toEqual(scores(whole));
  } finally {
    await raw.close();
  }
});

test("with little time, those beside the query and others are looked at, at least one batch", async () => {
  const look = (await index.firstLook(query(), { budget: { list: 10_000, embed: 0 }, now: clock(1) }))!;
  expect(look.looked).toBeGreaterThan(4);
  expect(look.looked).toBeLessThan(9);
  const paths = look.result.results["combined"]!.map(({ path }) => path);
  expect(paths.some((path) => path.startsWith("a/"))).toBe(true);
  expect(paths.some((path) => path.startsWith("b/deep/"))).toBe(true);
  const short = await index.firstLook(query(), { budget: { list: 0, embed: 10_000 }, now: clock(1) });
  expect(short).toMatchObject({ found: null });
});

test("what an index would leave out is not shown; where nothing is left, there is nothing", async () => {
  const options = { budget: { list: 10_000, embed: 10_000 }, now: clock(1) };
  const look = (await index.firstLook(query(), { ...options, filter: { exclude: ["b/**", "round 1*.png"] } }))!;
  const paths = look.result.results["combined"]!.map(({ path }) => path);
  expect(paths.toSorted()).toEqual([0, 2, 4, 5, 6, 7, 8, 9].map((i) => `a/round ${i}.png`));
  expect(await index.firstLook(query(), { ...options, filter: { include: ["none/**"] } })).toBeNull();
  await expect(index.firstLook({ ...query(), weights: { spoc: 0, mac: 0, gem: 0 } }, options)).rejects.toThrow(
    QueryError,
  );
});

test("names are wanted as a walk would want them", async () => {
  const names = ["x.png", "._x.png", "y.jpg"];
  expect(await wantedIn(folder, "a", names)).toEqual(["a/x.png", "a/y.jpg"]);
  expect(await wantedIn(folder, "node_modules/a", names)).toEqual([]);
  expect(await wantedIn(folder, "@eaDir/a", names)).toEqual([]);
  expect(await wantedIn(folder, "a", names, { shadows: true, exclude: ["*.jpg"] })).toEqual(["a/x.png", "a/._x.png"]);
  expect(await wantedIn(folder, "a", names, { exclude: ["a"] })).toEqual([]);
});

test("the first of what is spread out come from all over", () => {
  const spread = spreadOut(Array.from({ length: 1000 }, (_, i) => i));
  expect(new Set(spread).size).toBe(1000);
  expect(new Set(spread.slice(0, 20).map((i) => Math.floor(i / 100))).size).toBeGreaterThan(8);
  expect(spreadOut([])).toEqual([]);
});
