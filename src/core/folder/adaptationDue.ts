import { type Adaptation, type IndexSummary, MIN_ADAPTED } from "../../shared/index.ts";
import { ADAPTED_METHOD, MAX_IMAGES, MAX_REFIT_IMAGES } from "../adaptation/index.ts";
import { findImages } from "../images/index.ts";
import type { UpdateOptions } from "../index/index.ts";
import type { FolderInUse } from "./folderInUse.ts";
import type { Searchable } from "./searchable.ts";

/** Under which an index keeps how many images it had when the model was adapted to them, or when that was tried in vain. */
const FITTED = "fitted";

/** Where that was not kept, an index of more images is as it is for a reason: it was not to be adapted, or they are too much alike. */
const SETTLED = 64;

/**
 * Whether a run adapts the model. That embeds everything again, so it comes with a rebuild, while next to nothing is embedded, or where
 * the folder has doubled since: heads that were fitted to a few hundred images find less among many others than heads of all.
 * @returns how many images it looks at, at most; null where it is not due
 */
export async function adaptationDue(use: FolderInUse, options: UpdateOptions): Promise<number | null> {
  const { store, embedder } = use.current;
  const { training } = embedder.manifest;
  const adapted = training?.method === ADAPTED_METHOD ? training.images : 0;
  if (options.refit) return MAX_REFIT_IMAGES;
  if (options.rebuild) return adapted > MAX_IMAGES ? MAX_REFIT_IMAGES : MAX_IMAGES;
  const kept = await store.note(FITTED);
  if (!(await use.model.isAdapted())) {
    const due = kept === null ? (await store.count()) < SETTLED : await hasDoubled(use, Number(kept), options);
    return due ? MAX_IMAGES : null;
  }
  if (options.shard !== undefined || adapted === 0 || adapted >= MAX_IMAGES) return null;
  // Of before this was kept: that many were looked at. What cannot be decoded is in neither number.
  return (await hasDoubled(use, Number(kept ?? adapted), options)) ? MAX_REFIT_IMAGES : null;
}

/** Whether there are twice as many images. With as many as are ever looked at the first time, more change little. */
async function hasDoubled(
  { folder, current }: FolderInUse,
  fitted: number,
  { filter, signal }: UpdateOptions,
): Promise<boolean> {
  if (fitted >= MAX_IMAGES) return false;
  const { images } = await findImages(folder, { filter, signal });
  return images.length - (await current.store.skipped()).length >= 2 * fitted;
}

/** Notes what the model was adapted to, or could not be, once all of it is there. */
export async function fittedTo({ store }: Searchable, summary: IndexSummary): Promise<IndexSummary> {
  await store.keepNote(FITTED, String(await store.count()));
  return summary;
}

/** What a run came to. @param tried whether it was to adapt the model */
export async function adaptationOf(use: FolderInUse, tried: boolean): Promise<Adaptation | null> {
  const { training, descriptors, text, second, handcrafted } = use.current.embedder.manifest;
  if (training?.method === ADAPTED_METHOD) {
    return {
      images: training.images,
      ...(second === undefined ? {} : { second: true as const }),
      ...(handcrafted === undefined ? {} : { handcrafted }),
    };
  }
  if (training !== null || descriptors.every(({ name }) => name === text?.branch)) return tried ? "fixed" : null;
  if ((await use.current.store.count()) < MIN_ADAPTED) return "few";
  return tried ? "alike" : null;
}
