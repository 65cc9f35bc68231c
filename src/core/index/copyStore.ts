import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { fromFloat16 } from "./float16.ts";
import type { RowSource, StoredRow } from "./rowSource.ts";
import { type EmbeddedImage, type Store, StoreError } from "./store.ts";

/** Rows that are written at once. */
const BATCH = 1024;

export interface CopyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface CopySummary {
  /** Images that were written. */
  readonly copied: number;
  /** Images that were there, the same. */
  readonly already: number;
  /** Of the source: as many are now in the target. */
  readonly images: number;
  /** SHA-256 over paths, contents and embeddings of the source's images in path order, hex; those of the target give the same. */
  readonly proof: string;
}

/**
 * Copies the images and skipped files of one index into another of the same model, each in a file or in a database. What is there
 * already stays, so a copy that was stopped goes on. Nothing is changed in the source.
 * @param copied the target, read by itself
 * @throws StoreError where the source cannot be read, or what was copied is not what is read back
 */
export async function copyStore(
  from: RowSource,
  target: Store,
  copied: RowSource,
  dim: number,
  { signal, onProgress = () => {} }: CopyOptions = {},
): Promise<CopySummary> {
  const total = await from.count();
  const there = new Map<string, string>();
  for await (const row of copied.rows()) there.set(row.image.path, printOf(row));
  let done = 0;
  let already = 0;
  let batch: EmbeddedImage[] = [];
  const flush = async () => {
    signal?.throwIfAborted();
    await target.put(batch);
    batch = [];
    onProgress(done, total);
    await setImmediate();
  };
  const source = createHash("sha256");
  const paths = new Set<string>();
  for await (const row of from.rows()) {
    done++;
    paths.add(row.image.path);
    addTo(source, row);
    if (there.get(row.image.path) === printOf(row)) already++;
    else batch.push(embedded(row, dim));
    if (batch.length === BATCH) await flush();
  }
  await flush();
  const skipped = await from.skipped();
  // An image of the target is newer than that.
  await target.skip(skipped.filter(({ path }) => !there.has(path)));
  await copyNotes(from, target);
  const proof = source.update(String(done)).digest("hex");
  const copy = createHash("sha256");
  let count = 0;
  for await (const row of copied.rows()) {
    if (!paths.has(row.image.path)) continue;
    addTo(copy, row);
    count++;
  }
  if (copy.update(String(count)).digest("hex") !== proof)
    throw new StoreError(`${target.place} is not the same as ${from.place} after copying. Copy it again.`);
  return { copied: done - already, already, images: done, proof };
}

function printOf({ image, branches }: StoredRow): string {
  return createHash("sha256").update(image.hash).update(branches).digest("base64");
}

/** What was noted beside the images, such as the weights of the branches; what the target has stays. */
async function copyNotes(from: RowSource, target: Store): Promise<void> {
  for (const [name, text] of Object.entries(await from.notes())) {
    if ((await target.note(name)) === null) await target.keepNote(name, text);
  }
}

function addTo(sha256: ReturnType<typeof createHash>, { image, branches }: StoredRow): void {
  sha256.update(`${image.path}\0`).update(image.hash).update(branches);
}

function embedded({ image, branches }: StoredRow, dim: number): EmbeddedImage {
  const embedding = new Float32Array(dim);
  fromFloat16(branches, embedding);
  return { image, embedding };
}
