import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureDefaultModel } from "../../scripts/buildModel.ts";
import { evaluateRetrieval } from "../../src/core/evaluation/index.ts";
import { FolderIndex, openEmbedder } from "../../src/core/index.ts";
import { COMBINED } from "../../src/shared/index.ts";
import { colourHistogram, thumbnailDescriptor } from "../fixtures/baselines.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";

/** Share of images whose first result is another artist's drawing of the same emoji, from plain embeddings. */
async function baseline(files: readonly string[], labels: string[], describe: (file: string) => Promise<Float32Array>) {
  const rows = await Promise.all(files.map(describe));
  const dim = rows[0]!.length;
  const embeddings = new Float32Array(rows.length * dim);
  for (const [i, row] of rows.entries()) embeddings.set(row, i * dim);
  return evaluateRetrieval({ embeddings, dim, labels }, [1]).recall[1]!;
}

test("of 150 emoji by four artists each, the first result is most often the same emoji by another artist", async () => {
  const { folder, images } = await ensureEmoji({ classes: 150, minArtists: 4, maxArtists: 4 });
  expect(images).toHaveLength(600);
  const labels = new Map(images.map(({ path, label }) => [path, label]));
  const files = images.map(({ path }) => join(folder, path));
  const location = mkdtempSync(join(tmpdir(), "lookalike-quality-"));
  const embedder = await openEmbedder(ensureDefaultModel(), { device: "cpu" });
  const index = await FolderIndex.open(folder, embedder, { location });
  try {
    expect(await index.update()).toMatchObject({ indexed: 600, skipped: [] });
    const columns = [COMBINED, ...embedder.summary.descriptors];
    const right = new Map(columns.map((column) => [column, 0]));
    for (const { path, label } of images) {
      const { results } = await index.similar(join(folder, path), 1);
      for (const column of columns) {
        if (labels.get(results[column]![0]!.path) === label) right.set(column, right.get(column)! + 1);
      }
    }
    const shares = new Map(columns.map((column) => [column, right.get(column)! / images.length]));
    const names = images.map(({ label }) => label);
    shares.set("32x32 thumbnail", await baseline(files, names, thumbnailDescriptor));
    shares.set("colour histogram", await baseline(files, names, colourHistogram));
    for (const [name, share] of shares) console.log(`${name}: ${(100 * share).toFixed(1)} %`);
    expect(shares.get(COMBINED)).toBeGreaterThanOrEqual(0.5);
    expect(shares.get(COMBINED)).toBeGreaterThan(shares.get("32x32 thumbnail")!);
    expect(shares.get(COMBINED)).toBeGreaterThan(shares.get("colour histogram")!);
  } finally {
    await index.close();
    await embedder.release();
    rmSync(location, { recursive: true, force: true });
  }
}, 180_000);
