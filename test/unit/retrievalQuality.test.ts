import { createHash } from "node:crypto";
import { globSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { ensureDefaultModel } from "../../scripts/buildModel.ts";
import { evaluateRetrieval } from "../../src/core/evaluation/index.ts";
import { EmbedderPool, FolderIndex, openEmbedder } from "../../src/core/index.ts";
import { COMBINED } from "../../src/shared/index.ts";
import { colourHistogram, thumbnailDescriptor } from "../fixtures/baselines.ts";
import { type EmojiFolder, ensureEmoji } from "../fixtures/emoji.ts";
import { like } from "../fixtures/like.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const CACHE = join(ROOT, ".cache");

/** A place for the indexes that is kept while nothing changes that they are made by: making them takes most of the time. */
function indexLocation(): string {
  const hash = createHash("sha256");
  const sources = globSync(["src/core/**/*.ts", "src/shared/**/*.ts"], { cwd: ROOT }).sort();
  for (const path of [...sources, "package-lock.json"]) hash.update(path).update(readFileSync(join(ROOT, path)));
  const name = `quality-${hash.digest("hex").slice(0, 16)}`;
  for (const old of readdirSync(CACHE)) {
    if (old.startsWith("quality-") && old !== name) rmSync(join(CACHE, old), { recursive: true, force: true });
  }
  return join(CACHE, name);
}

/** Share of images whose first result is another artist's drawing of the same emoji, by column, as a user gets them. */
async function indexShares({ folder, images }: EmojiFolder, adapt: boolean): Promise<Map<string, number>> {
  const labels = new Map(images.map(({ path, label }) => [path, label]));
  const location = indexLocation();
  const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
  const index = await FolderIndex.open(folder, pool, ensureDefaultModel(), { location, adapt });
  try {
    const { indexed, unchanged, model } = await index.update();
    expect(indexed + unchanged).toBe(images.length);
    expect(model.name).toBe(adapt ? "mobilenetv2-smg+adapted" : "mobilenetv2-smg");
    const right = new Map([COMBINED, ...model.descriptors].map((column) => [column, 0]));
    for (const { path, label } of images) {
      const { results } = await index.similar(like(join(folder, path), 1));
      for (const [column, n] of right) {
        if (labels.get(results[column]![0]!.path) === label) right.set(column, n + 1);
      }
    }
    return new Map([...right].map(([column, n]) => [column, n / images.length]));
  } finally {
    await index.close();
    await pool.release();
  }
}

/** The same share from plain embeddings. */
async function baseline(
  { folder, images }: EmojiFolder,
  describe: (file: string) => Promise<Float32Array>,
): Promise<number> {
  const rows = await Promise.all(images.map(({ path }) => describe(join(folder, path))));
  const dim = rows[0]!.length;
  const embeddings = new Float32Array(rows.length * dim);
  for (const [i, row] of rows.entries()) embeddings.set(row, i * dim);
  return evaluateRetrieval({ embeddings, dim, labels: images.map(({ label }) => label) }, [1]).recall[1]!;
}

test("of 150 emoji by four or more artists, the first result is most often the same emoji by another artist", async () => {
  const emoji = await ensureEmoji({ classes: 150 });
  const adapted = await indexShares(emoji, true);
  const raw = await indexShares(emoji, false);
  const thumbnail = await baseline(emoji, thumbnailDescriptor);
  const histogram = await baseline(emoji, colourHistogram);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  for (const [column, share] of adapted)
    console.log(`${column}: ${percent(share)} (not adapted: ${percent(raw.get(column)!)})`);
  console.log(`32x32 thumbnail: ${percent(thumbnail)}, colour histogram: ${percent(histogram)}`);
  expect(adapted.get(COMBINED)).toBeGreaterThanOrEqual(0.5);
  for (const share of [raw.get(COMBINED)!, thumbnail, histogram]) expect(adapted.get(COMBINED)).toBeGreaterThan(share);
}, 400_000);
