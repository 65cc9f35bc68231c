import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { pMapIterable } from "p-map";
import type { IndexProgress, IndexSummary, SkippedFile } from "../../shared/index.ts";
import { type DecodedImage, decodeForModel, type FoundImage, findImages, ImageError } from "../images/index.ts";
import type { Embedder } from "../runtime/index.ts";
import { roundToFloat16 } from "./float16.ts";
import { planUpdate } from "./plan.ts";
import { Rate } from "./rate.ts";
import type { EmbeddedImage, SkippedRecord, Store } from "./store.ts";

/** Images that are decoded at the same time. */
const DECODERS = 4;

export interface UpdateOptions {
  readonly rebuild?: boolean;
  /** Stops between batches; what was stored until then stays. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: IndexProgress) => void;
}

/** What the owner of a store keeps in step with it; called after the store has acknowledged. */
export interface StoreObserver {
  stored(images: readonly EmbeddedImage[]): Promise<void>;
  dropped(paths: readonly string[]): Promise<void>;
}

type Decoded = { found: FoundImage } & ({ decoded: DecodedImage } | { failure: ImageError });

/**
 * Brings a store up to date with the image files of a folder: embeds new and changed ones, forgets those that are gone.
 * A file that cannot be decoded is named in the summary and does not stop the run.
 * @throws where the folder cannot be read, the store cannot be written, or `signal` aborts
 */
export async function updateStore(
  folder: string,
  store: Store,
  embedder: Embedder,
  observer: StoreObserver,
  { rebuild = false, signal, onProgress = () => {} }: UpdateOptions,
): Promise<IndexSummary> {
  const rate = new Rate(performance.now());
  const report = (phase: IndexProgress["phase"], done: number, total: number, skippedCount: number) =>
    onProgress({
      phase,
      done,
      total,
      skipped: skippedCount,
      imagesPerSecond: rate.perSecond(),
      secondsLeft: total > 0 ? rate.secondsLeft(total) : null,
    });

  report("scanning", 0, 0, 0);
  if (rebuild) {
    const paths = (await store.images()).map((image) => image.path);
    await store.clear();
    await observer.dropped(paths);
  }
  const found = await findImages(folder, signal);
  const plan = planUpdate(found.images, await store.images(), await store.skipped());
  await store.remove([...plan.gone, ...plan.goneSkipped]);
  await observer.dropped(plan.gone);

  const skipped: SkippedFile[] = [...found.skipped, ...plan.stillSkipped.map(({ path, reason }) => ({ path, reason }))];
  const changedPaths = new Set(plan.changed.map((image) => image.path));
  const work = [...plan.added, ...plan.changed];
  let indexed = 0;
  let updated = 0;
  let lost = 0;
  let done = 0;
  const start = performance.now();
  report("embedding", 0, work.length, skipped.length);

  async function finish(batch: readonly Decoded[]): Promise<void> {
    const failed = batch.filter((item) => "failure" in item);
    const fresh = batch.filter((item) => "decoded" in item);
    if (failed.length > 0) {
      await store.skip(failed.map(skippedRecord));
      await observer.dropped(failed.map(({ found: { path } }) => path));
      for (const {
        found: { path },
        failure,
      } of failed) {
        skipped.push({ path, reason: failure.message });
        if (changedPaths.has(path)) lost++;
      }
    }
    if (fresh.length > 0) {
      const images = await embedBatch(embedder, fresh);
      await store.put(images);
      await observer.stored(images);
      for (const { image } of images) changedPaths.has(image.path) ? updated++ : indexed++;
    }
    done += batch.length;
    rate.note(done, performance.now());
    report("embedding", done, work.length, skipped.length);
    // The model's run held the event loop; whoever waits (a query, a cancel) goes first.
    await setImmediate();
  }

  // The embedder knows what its device takes; on the CPU no more than 8, since a run cannot be stopped.
  const size = embedder.deviceReport.batch;
  let batch: Decoded[] = [];
  const decode = async (image: FoundImage): Promise<Decoded> => {
    try {
      return { found: image, decoded: await decodeForModel(join(folder, image.path), embedder.manifest.input) };
    } catch (error) {
      // Never rejects: the look-ahead of a cancelled run has nobody left who would catch it.
      return { found: image, failure: error instanceof ImageError ? error : new ImageError(String(error)) };
    }
  };
  for await (const item of pMapIterable(work, decode, {
    concurrency: DECODERS,
    backpressure: Math.max(2 * size, 2 * DECODERS),
  })) {
    signal?.throwIfAborted();
    batch.push(item);
    if (batch.length < size) continue;
    await finish(batch);
    batch = [];
  }
  if (batch.length > 0) await finish(batch);

  const embedded = indexed + updated;
  const embedSeconds = (performance.now() - start) / 1000;
  return {
    indexed,
    updated,
    removed: plan.gone.length + lost,
    unchanged: plan.unchanged,
    skipped: skipped.sort((a, b) => (a.path < b.path ? -1 : 1)),
    seconds: rate.seconds(performance.now()),
    imagesPerSecond: embedded > 0 ? embedded / embedSeconds : 0,
    device: embedder.device,
    model: embedder.summary,
  };
}

async function embedBatch(
  embedder: Embedder,
  batch: readonly { found: FoundImage; decoded: DecodedImage }[],
): Promise<EmbeddedImage[]> {
  const { width, height } = embedder.manifest.input;
  const imageBytes = width * height * 3;
  const pixels = new Uint8Array(batch.length * imageBytes);
  for (const [i, { decoded }] of batch.entries()) pixels.set(decoded.pixels, i * imageBytes);
  const rows = await embedder.embed(pixels, batch.length);
  // What is searched now and what is read back later are the same numbers.
  roundToFloat16(rows);
  return batch.map(({ found, decoded }, i) => ({
    image: { ...found, hash: decoded.hash, width: decoded.width, height: decoded.height },
    embedding: rows.subarray(i * embedder.dim, (i + 1) * embedder.dim),
  }));
}

function skippedRecord({ found, failure }: { found: FoundImage; failure: ImageError }): SkippedRecord {
  // A file that could not even be read may become readable without a new time or size, so it is tried again each run.
  return { ...found, size: failure.retry ? -1 : found.size, reason: failure.message };
}
