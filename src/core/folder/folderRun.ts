import { type IndexSummary, MIN_ADAPTED } from "../../shared/index.ts";
import {
  checkVanished,
  StoreError,
  sweepLeft,
  type ThumbnailCache,
  type UpdateOptions,
  updateStore,
} from "../index/index.ts";
import { adaptationDue, adaptationOf, fittedTo } from "./adaptationDue.ts";
import type { FolderInUse } from "./folderInUse.ts";
import { carryOver, noteShards } from "./heldWeights.ts";
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
  const most = await adaptationDue(use, options);
  const summary = most === null ? await updateWith(use, use.current, options) : await runAdapted(use, options, most);
  return withAdaptation(use, summary, most !== null);
}

async function withAdaptation(use: FolderInUse, summary: IndexSummary, tried: boolean): Promise<IndexSummary> {
  const adaptation = await adaptationOf(use, tried);
  return adaptation === null ? summary : { ...summary, adaptation };
}

/** Where nothing is said of more branches, those that had joined before are asked of the images again, and no others are. */
function withGuests({ current }: FolderInUse, options: UpdateOptions): UpdateOptions {
  const { second, handcrafted } = current.embedder.manifest;
  return {
    ...options,
    second: options.second ?? second !== undefined,
    handcrafted: options.handcrafted ?? handcrafted !== undefined,
  };
}

/** @param most images that the adaptation looks at, at most */
async function runAdapted(use: FolderInUse, options: UpdateOptions, most: number): Promise<IndexSummary> {
  await checkVanished(use.folder, use.current.store, options);
  const adapted = await use.model.adapt(
    use.current.store,
    use.current.observer(use.turn),
    withGuests(use, options),
    most,
  );
  if (adapted === null) {
    const summary = await updateWith(use, use.current, options);
    // Images that are too much alike are so until there are twice as many again; of too few, the next run tells.
    return (await use.current.count()) < MIN_ADAPTED ? summary : fittedTo(use.current, summary);
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
  if (!use.adapt) return updateWith(use, use.current, options);
  await takeOverAdapted(use);
  let tried = false;
  if ((await adaptationDue(use, options)) !== null) {
    const unlock = await use.place.lockAdaptation({ signal: options.signal, onWait });
    try {
      await takeOverAdapted(use);
      const most = await adaptationDue(use, options);
      if (most !== null) {
        tried = true;
        const adapted = await use.model.adapt(
          use.current.store,
          use.current.observer(use.turn),
          withGuests(use, whole),
          most,
        );
        await adapted?.adopt();
        await takeOverAdapted(use);
      }
    } finally {
      await unlock();
    }
  }
  await noteShards(use.current);
  return withAdaptation(use, await updateWith(use, use.current, options), tried);
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
