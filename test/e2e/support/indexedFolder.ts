/** Folders of any number of images whose index is there from the start: embedding them would take minutes. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { indexFile } from "../../../src/core/index/index.ts";
import { openSqliteStore } from "../../../src/core/index/openSqliteStore.ts";
import type { EmbeddedImage } from "../../../src/core/index/store.ts";
import { readModelFile } from "../../../src/core/model/index.ts";
import { clusteredVectors } from "../../fixtures/clusteredVectors.ts";
import { ensureEmoji } from "../../fixtures/emoji.ts";

/** Images in each folder. */
const PER_FOLDER = 100;
/** Rows of a transaction. */
const BATCH = 1000;

/**
 * Fills a folder with drawings that can be decoded, each file with bytes of its own, and writes the index that the default
 * model would have of it; only the vectors are made up (`clusteredVectors`).
 * @param location folder that holds the indexes
 * @returns paths relative to the folder, in the order of the rows
 */
export async function fillIndexedFolder(folder: string, location: string, count: number): Promise<string[]> {
  const emoji = await ensureEmoji({ classes: 16 });
  const drawings = await Promise.all(
    emoji.images.map(async ({ path }) => {
      const bytes = readFileSync(join(emoji.folder, path));
      const { width, height } = await sharp(bytes).metadata();
      return { bytes, width, height };
    }),
  );
  const { manifest, fingerprint } = await readModelFile(ensureDefaultModel());
  const dims = manifest.descriptors.map(({ dim }) => dim);
  const { matrices } = clusteredVectors({ count, dims, classes: 200, seed: 7 });
  const identity = { folder, fingerprint, model: manifest.name, dim: dims.reduce((sum, dim) => sum + dim, 0) };
  const store = openSqliteStore(indexFile(location, folder, fingerprint), identity, () => {});
  const paths: string[] = [];
  for (let from = 0; from < count; from += BATCH) {
    const images: EmbeddedImage[] = [];
    for (let row = from; row < Math.min(count, from + BATCH); row++) {
      const path = `${String(Math.floor(row / PER_FOLDER)).padStart(3, "0")}/image-${row}.png`;
      const { bytes, width, height } = drawings[row % drawings.length]!;
      // Decoders stop at the end of the picture: what stands behind it makes another file, hence another thumbnail.
      const content = Buffer.concat([bytes, Buffer.from(`${row}`)]);
      if (row % PER_FOLDER === 0) mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), content);
      const { mtimeMs, size } = statSync(join(folder, path));
      const hash = createHash("sha256").update(content).digest();
      const embedding = new Float32Array(identity.dim);
      let at = 0;
      for (const [branch, matrix] of matrices.entries()) {
        const dim = dims[branch]!;
        embedding.set(matrix.subarray(row * dim, (row + 1) * dim), at);
        at += dim;
      }
      images.push({ image: { path, mtimeMs, ctimeMs: null, size, hash, width, height }, embedding });
      paths.push(path);
    }
    await store.put(images);
  }
  await store.close();
  return paths;
}
