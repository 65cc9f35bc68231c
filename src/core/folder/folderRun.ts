import type { IndexSummary } from "../../shared/index.ts";
import { ADAPTED_METHOD, MAX_IMAGES, MIN_IMAGES } from "../adaptation/index.ts";
import { findImages } from "../images/index.ts";
import {
  checkVanished,
  StoreError,
  sweepLeft,
  type ThumbnailCache,
  type UpdateOptions,
  updateStore,
} from "../index/index.ts";
import type { FolderInUse } from "./folderInUse.ts";
import { carryOver } from "./heldWeights.ts";
import type { Searchable } from "./searchable.ts";

/**
 * Adapts the model to the folder where that is due, and brings its index up to date with the files, under the lock of the folder.
 * @param onWait told where another process is at work on the folder
 */
export async function runLocked(
  use: FolderInUse,
  thumbnails: ThumbnailCache,
  options: UpdateOptions,
  onWait: () => void,
): Promise<IndexSummary> {
  const unlock = await use.place.lockRuns({ signal: options.signal, onWait }, options.shard);
  try {
    if (options.shard !== undefined) return await runShard(use, options, onWait);
    await sweepLeft(use.place.folder);
    const summary = await run(use, options).catch(async (error: unknown) => {
      if (!(error instanceof StoreError && error.damaged)) throw error;
      await use.startOver();
      return updateWith(use, use.current, options);
    });
    const { store } = use.current;
    if (summary.removed + summary.updated > 0)
      await thumbnails.prune(async (hash) => (await store.holder(hash)) !== undefined);
    return summary;
  } finally {
    await unlock();
  }
}

/** After the run's lock was given back: it may take minutes, and takes turns by itself. */
export async function arrange(
  use: FolderInUse,
  { signal, onProgress = () => {} }: UpdateOptions,
  always = false,
): Promise<void> {
  try {
    const tell = ({ done, total }: { readonly done: number; readonly total: number }) =>
      onProgress({ phase: "arranging", done, total, skipped: 0, imagesPerSecond: 0, secondsLeft: null });
    await use.current.prepare(signal, tell, always);
  } catch (error) {
    signal?.throwIfAborted();
    // The index is up to date, and can be searched without it.
    use.warn(`${use.current.store.place}: searching stays slow (${String(error)}).`);
  }
}

async function run(use: FolderInUse, options: UpdateOptions): Promise<IndexSummary> {
  if (!use.adapt) return updateWith(use, use.current, options);
  await takeOverAdapted(use);
  if (!(await adaptationIsDue(use, options))) return updateWith(use, use.current, options);
  await checkVanished(use.folder, use.current.store, options);
  const adapted = await use.model.adapt(use.current.store, use.current.observer(use.turn), options);
  if (adapted === null) {
    const summary = await updateWith(use, use.current, options);
    // Images that are too much alike are so until there are twice as many again.
    return (await use.model.isAdapted()) ? fittedTo(use.current, summary) : summary;
  }
  const { leftOut } = adapted;
  if (leftOut.length > 0) {
    use.warn(
      `The model was adapted without ${leftOut.join(", ")}: two processes died one after the other while they held it.`,
    );
  }
  if (adapted.embedder.summary.fingerprint === use.current.embedder.summary.fingerprint) {
    await adapted.adopt();
    return fittedTo(use.current, await updateWith(use, use.current, options));
  }
  const next = await use.openWith(adapted.embedder);
  await next.store.skip(adapted.deadly);
  await carryOver(use.current, next);
  if ((await use.current.store.images()).length === 0) {
    // Nothing to go on with until the new index is ready: it is shown as it grows, and a run that dies is continued.
    await adapted.adopt();
    await use.replaceBy(next);
    return fittedTo(next, await updateWith(use, next, options));
  }
  let ready = false;
  try {
    const summary = await fittedTo(next, await updateWith(use, next, options));
    await adapted.adopt();
    ready = true;
    await use.replaceBy(next);
    return summary;
  } finally {
    if (!ready) await next.close();
  }
}

/**
 * Brings one shard up to date, beside others. Whichever comes first fits the model to the whole folder; the others wait for it.
 * Nothing is put in the place of what others use: a rebuild, and what a damaged index needs, are for a run of the whole.
 */
async function runShard(use: FolderInUse, options: UpdateOptions, onWait: () => void): Promise<IndexSummary> {
  const { shard: _, ...whole } = options;
  if (use.adapt) {
    await takeOverAdapted(use);
    if (await adaptationIsDue(use, options)) {
      const unlock = await use.place.lockAdaptation({ signal: options.signal, onWait });
      try {
        await takeOverAdapted(use);
        if (await adaptationIsDue(use, options)) {
          const adapted = await use.model.adapt(use.current.store, use.current.observer(use.turn), whole);
          await adapted?.adopt();
          await takeOverAdapted(use);
        }
      } finally {
        await unlock();
      }
    }
  }
  return updateWith(use, use.current, options);
}

/** Another process may have adapted the model since this index was opened. */
async function takeOverAdapted(use: FolderInUse): Promise<void> {
  const embedder = await use.model.adaptedOrBase(use.warn);
  if (embedder.summary.fingerprint === use.current.embedder.summary.fingerprint) return;
  await use.replaceBy(await use.openWith(embedder));
}

function updateWith(use: FolderInUse, current: Searchable, options: UpdateOptions): Promise<IndexSummary> {
  return updateStore(use.folder, current.store, current.embedder, current.observer(use.turn), options);
}

/**
 * An adaptation embeds everything again, so it comes with a rebuild, while next to nothing is embedded, or where the folder has doubled
 * since: heads that were fitted to a few hundred images find less among many others than heads of all of them.
 */
async function adaptationIsDue(use: FolderInUse, options: UpdateOptions): Promise<boolean> {
  if (options.rebuild) return true;
  if (await use.model.isAdapted()) return options.shard === undefined && hasOutgrown(use, options);
  return (await use.current.store.images()).length < MIN_IMAGES;
}

/** Under which the index keeps how many images it had when the model was adapted to them. */
const FITTED = "fitted";

/** Whether there are twice as many images as when the model was adapted. With as many as are ever looked at, more change nothing. */
async function hasOutgrown({ folder, current }: FolderInUse, { filter, signal }: UpdateOptions): Promise<boolean> {
  const { store, embedder } = current;
  const { training } = embedder.manifest;
  if (training?.method !== ADAPTED_METHOD || training.images >= MAX_IMAGES) return false;
  // Of before this was kept: that many were looked at. What cannot be decoded is in neither number.
  const fitted = Number((await store.note(FITTED)) ?? training.images);
  if (fitted >= MAX_IMAGES) return false;
  const { images } = await findImages(folder, { filter, signal });
  return images.length - (await store.skipped()).length >= 2 * fitted;
}

/** Notes what the model was adapted to, once all of it is there. */
async function fittedTo({ store }: Searchable, summary: IndexSummary): Promise<IndexSummary> {
  await store.keepNote(FITTED, String(await store.count()));
  return summary;
}
