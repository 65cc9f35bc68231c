import { randomBytes } from "node:crypto";
import { promises as fs } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { normalise } from "../../retrieval/index.ts";
import { NativeIndex, type Usearch } from "./nativeIndex.ts";
import type { Revisions } from "./revisions.ts";
import type { Segment } from "./segments.ts";

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
  const indexes = dims.map((dim) => NativeIndex.empty(usearch, dim));
  const keys = new BigUint64Array(BATCH);
  const vectors = dims.map((dim) => new Float32Array(BATCH * dim));
  let filled = 0;
  let rows = 0;
  async function flush(): Promise<void> {
    signal.throwIfAborted();
    for (const [b, dim] of dims.entries()) {
      indexes[b]!.add(keys.slice(0, filled), vectors[b]!.subarray(0, filled * dim));
    }
    rows += filled;
    onRows(filled);
    filled = 0;
    await setImmediate();
  }
  for (const { revision, embedding } of revisions.rows(range.after, range.upTo)) {
    keys[filled] = BigInt(revision);
    let offset = 0;
    for (const [b, dim] of dims.entries()) {
      const vector = vectors[b]!.subarray(filled * dim, (filled + 1) * dim);
      vector.set(embedding.subarray(offset, offset + dim));
      normalise(vector);
      offset += dim;
    }
    if (++filled === BATCH) await flush();
  }
  if (filled > 0) await flush();
  if (rows === 0) return null;
  return { ...range, rows, ...(await saveAll(indexes, folder, dims, usearch)) };
}

/** Under names that never were: a segment of the same range may be mapped by another process. */
async function saveAll(built: readonly NativeIndex[], folder: string, dims: readonly number[], usearch: Usearch) {
  const stamp = randomBytes(6).toString("hex");
  const files: { name: string; bytes: number }[] = [];
  for (const [b, index] of built.entries()) {
    const name = `${stamp}-${b}.usearch`;
    const file = join(folder, name);
    index.save(`${file}.part`);
    await sync(`${file}.part`);
    await fs.rename(`${file}.part`, file);
    files.push({ name, bytes: (await fs.stat(file)).size });
  }
  // What was built lies in memory as a whole; what is mapped does not have to.
  const indexes = files.map(({ name }, b) => NativeIndex.view(usearch, dims[b]!, join(folder, name)));
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
