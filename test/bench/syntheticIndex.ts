/** An index of synthetic vectors, without images. */
import { openSqliteStore } from "../../src/core/index/openSqliteStore.ts";
import type { EmbeddedImage } from "../../src/core/index/store.ts";
import { clusteredVectors } from "../fixtures/clusteredVectors.ts";

export const CLASSES = 200;
export const BRANCHES = 3;
/** Rows of a transaction. */
const BATCH = 1000;

export const syntheticIdentity = (dim: number) => ({ folder: "/synthetic", fingerprint: "synthetic", dim });

/** Writes it as an update would. @returns rows per second */
export async function writeSyntheticIndex(file: string, count: number, dim: number): Promise<number> {
  const dims = new Array<number>(BRANCHES).fill(dim);
  const { matrices } = clusteredVectors({ count, dims, classes: CLASSES, seed: 1 });
  const store = openSqliteStore(file, syntheticIdentity(BRANCHES * dim), () => {});
  const start = performance.now();
  for (let from = 0; from < count; from += BATCH) {
    const length = Math.min(BATCH, count - from);
    const images = Array.from({ length }, (_, i): EmbeddedImage => {
      const row = from + i;
      const embedding = new Float32Array(BRANCHES * dim);
      for (const [b, matrix] of matrices.entries()) embedding.set(matrix.subarray(row * dim, (row + 1) * dim), b * dim);
      const hash = new Uint8Array(32);
      new DataView(hash.buffer).setUint32(0, Math.imul(row, 0x9e3779b1));
      const path = `folder-${row % 1000}/image-${row}.jpg`;
      return { image: { path, mtimeMs: row, ctimeMs: row, size: row, hash, width: 640, height: 480 }, embedding };
    });
    await store.put(images);
  }
  const seconds = (performance.now() - start) / 1000;
  await store.close();
  return count / seconds;
}
