import { promises as fs } from "node:fs";
import { dirname, resolve } from "node:path";
import type { KeptOptions } from "./kept.ts";
import { defaultLocation, indexFile } from "./location.ts";
import { belongsTo, INDEX_FILE, removeEmpty, removeOurs } from "./placeFiles.ts";
import { lockRuns, RUN_LOCK } from "./runLock.ts";
import { StoreError } from "./store.ts";

/**
 * Deletes an index with what is derived from it, or everything of a folder: indexes, adapted models, thumbnails. Waits for a
 * run that is under way. What is not ours stays, and no link is followed.
 * @param name as in `KeptIndex`; where absent, everything
 * @throws StoreError where it cannot be deleted, or is no index
 */
export async function removeIndex(folder: string, name: string | undefined, options: KeptOptions = {}): Promise<void> {
  const location = resolve(options.location || defaultLocation());
  const place = dirname(indexFile(location, folder, "0".repeat(64)));
  if (name !== undefined && !INDEX_FILE.test(name)) throw new StoreError(`${name} is not the name of an index.`);
  const stat = await fs.lstat(place).catch(() => undefined);
  if (stat === undefined) return;
  if (!stat.isDirectory()) {
    throw new StoreError(
      `${place} is a link or a file, not the folder of an index. Nothing was deleted; look where it leads.`,
    );
  }
  const unlock = await lockRuns(place, {});
  try {
    await removeOurs(place, (file) => (name === undefined ? !file.startsWith(RUN_LOCK) : belongsTo(file, name)));
  } catch (cause) {
    const message = `The index in ${place} cannot be deleted (${String(cause)}). Close what uses it, then try again.`;
    throw new StoreError(message, { cause });
  } finally {
    unlock();
  }
  if (name !== undefined) return;
  await removeOurs(place, () => true);
  await removeEmpty(place);
}
