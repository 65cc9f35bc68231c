import { join } from "node:path";
import { pMapIterable } from "p-map";
import { Rate } from "../../shared/index.ts";
import { ImageError, makeThumbnail } from "../images/index.ts";
import { isInShard, type UpdateOptions } from "../index/index.ts";
import type { FolderInUse } from "./folderInUse.ts";

/** Longest side, in pixels: what a card of a list takes. */
const SIZE = 256;
/** Thumbnails that are stored at once. */
const BATCH = 32;

/**
 * Stores thumbnails of the indexed images where others find them, of those that have none. What was stored stays when it is
 * stopped, and the next one goes on.
 * @throws StoreError where they cannot be stored; the signal's reason
 */
export async function shareThumbnails(
  use: FolderInUse,
  { shard, signal, onProgress = () => {} }: Pick<UpdateOptions, "shard" | "signal" | "onProgress">,
): Promise<void> {
  const { thumbnails } = use.place;
  if (thumbnails === null) return;
  if (shard === undefined) await thumbnails.prune();
  const all = await thumbnails.missing(use.current.embedder.summary.fingerprint);
  const missing = all.filter(({ path }) => isInShard(path, shard));
  const rate = new Rate(performance.now());
  const make = async ({ path, hash }: (typeof missing)[number]) => {
    signal?.throwIfAborted();
    try {
      return { hash, ...(await makeThumbnail(join(use.folder, path), SIZE, hash)) };
    } catch (error) {
      // Changed or gone since it was indexed: the next run sees to it. Or somebody who writes the same database wants to see
      // a file that nobody indexed, by its path alone.
      if (error instanceof ImageError) return null;
      throw error;
    }
  };
  let done = 0;
  let batch: Exclude<Awaited<ReturnType<typeof make>>, null>[] = [];
  for await (const made of pMapIterable(missing, make, { concurrency: 4, backpressure: 2 * BATCH })) {
    done++;
    if (made !== null) batch.push(made);
    if (batch.length < BATCH && done < missing.length) continue;
    await thumbnails.put(batch);
    batch = [];
    rate.note(done, performance.now());
    const total = missing.length;
    const [imagesPerSecond, secondsLeft] = [rate.perSecond(), rate.secondsLeft(total)];
    onProgress({ phase: "sharing", done, total, skipped: 0, imagesPerSecond, secondsLeft });
  }
}
