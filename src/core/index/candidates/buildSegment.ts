import { randomBytes } from "node:crypto";
import { promises as fs } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { NativeIndex, type Usearch } from "../../hnsw/index.ts";
import { normalise } from "../../search/index.ts";
import type { Revisions } from "./revisions.ts";
import { checksumOf, columnDims, type Segment } from "./segments.ts";

/** Rows between two chances for others to run. */
const BATCH = 64;

export interface SegmentRange {
  readonly after: number;
  readonly upTo: number;
}

/**
 * Builds the graphs of a range of revisions and saves them.
 * @param onRows told how many rows were added since the last call
 * @returns null where the range is empty
 * @throws what `signal` aborts with, between two batches
 */
export async function buildSegment(
  revisions: Revisions,
  range: SegmentRange,
  folder: string,
  dims: readonly number[],
  usearch: Usearch,
  signal: AbortSignal,
  onRows: (rows: number) => void,
): Promise<Segment | null> {
  const columns = columnDims(dims);
  const combined = columns.length - 1;
  const indexes = columns.map((dim) => NativeIndex.empty(usearch, dim));
  const keys = new BigUint64Array(BATCH);
  const vectors = columns.map((dim) => new Float32Array(BATCH * dim));
  let filled = 0;
  let rows = 0;
  async function flush(): Promise<void> {
    signal.throwIfAborted();
    for (const [c, dim] of columns.entries()) {
      indexes[c]!.add(keys.slice(0, filled), vectors[c]!.subarray(0, filled * dim));
    }
    rows += filled;
    onRows(filled);
    filled = 0;
    await setImmediate();
  }
  // Folders are often classes. Added class by class, the graph has too few ways from one to another, and lists lack images.
  for (const { revision, embedding } of revisions.find(revisions.spread(range.after, range.upTo))) {
    keys[filled] = BigInt(revision);
    let offset = 0;
    for (const [b, dim] of dims.entries()) {
      const vector = vectors[b]!.subarray(filled * dim, (filled + 1) * dim);
      vector.set(embedding.subarray(offset, offset + dim));
      normalise(vector);
      vectors[combined]!.set(vector, filled * columns[combined]! + offset);
      offset += dim;
    }
    if (++filled === BATCH) await flush();
  }
  if (filled > 0) await flush();
  if (rows === 0) return null;
  return { ...range, rows, ...(await saveAll(indexes, folder, columns, usearch)) };
}

/** Under names that never were: a segment of the same range may be mapped by another process. */
async function saveAll(built: readonly NativeIndex[], folder: string, columns: readonly number[], usearch: Usearch) {
  const stamp = randomBytes(6).toString("hex");
  const files: { name: string; bytes: number; crc: number }[] = [];
  for (const [c, index] of built.entries()) {
    const name = `${stamp}-${c}.usearch`;
    const file = join(folder, name);
    index.save(`${file}.part`);
    await sync(`${file}.part`);
    await fs.rename(`${file}.part`, file);
    files.push({ name, bytes: (await fs.stat(file)).size, crc: await checksumOf(file) });
  }
  // What was built lies in memory as a whole; what is mapped does not have to.
  const indexes = files.map(({ name }, c) => NativeIndex.view(usearch, columns[c]!, join(folder, name)));
  return { files, indexes };
}

/** After a power cut a file must not be there with the right length and other bytes. */
async function sync(file: string): Promise<void> {
  const handle = await fs.open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
