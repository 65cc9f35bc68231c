import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureDefaultInt8, ensureDefaultModel } from "../../scripts/buildModel.ts";
import { EmbedderPool, FolderIndex, openEmbedder } from "../../src/core/index.ts";
import { COMBINED } from "../../src/shared/index.ts";
import { colourHistogram, thumbnailDescriptor } from "../fixtures/baselines.ts";
import { type EmojiFolder, ensureEmoji } from "../fixtures/emoji.ts";
import { keptLocation } from "../fixtures/keptIndexes.ts";
import { like } from "../fixtures/like.ts";
import { evaluateRetrieval } from "../fixtures/retrievalReference.ts";

/** Share of images whose first result is another artist's drawing of the same emoji, by combined, as a user gets them. */
async function indexShare({ folder, images }: EmojiFolder, adapt: boolean): Promise<number> {
  const labels = new Map(images.map(({ path, label }) => [path, label]));
  const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
  // On the CPU it is the int8 form that is used.
  await ensureDefaultInt8();
  const index = await FolderIndex.open(folder, pool, ensureDefaultModel(), { location: keptLocation(), adapt });
  try {
    const { indexed, unchanged, model } = await index.update();
    expect(indexed + unchanged).toBe(images.length);
    expect(model.name).toBe(adapt ? "mobilenetv2-smg-int8+adapted" : "mobilenetv2-smg-int8");
    let right = 0;
    for (const { path, label } of images) {
      const { results } = await index.similar(like(join(folder, path), 1));
      if (labels.get(results[COMBINED]![0]!.path) === label) right++;
    }
    return right / images.length;
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

// Of 150 emoji, and of other folders, by column: npm run bench -- recall.
test("of 40 emoji by four or more artists, the first result is most often the same emoji by another artist", async () => {
  const emoji = await ensureEmoji({ classes: 40 });
  const adapted = await indexShare(emoji, true);
  const raw = await indexShare(emoji, false);
  const thumbnail = await baseline(emoji, thumbnailDescriptor);
  const histogram = await baseline(emoji, colourHistogram);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  console.log(`combined: ${percent(adapted)} (not adapted: ${percent(raw)})`);
  console.log(`32x32 thumbnail: ${percent(thumbnail)}, colour histogram: ${percent(histogram)}`);
  expect(adapted).toBeGreaterThanOrEqual(0.5);
  for (const share of [raw, thumbnail, histogram]) expect(adapted).toBeGreaterThan(share);
}, 240_000);
