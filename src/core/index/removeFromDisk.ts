import { promises as fs } from "node:fs";
import { belongsTo, INDEX_FILE, removeEmpty, removeOurs } from "./placeFiles.ts";
import { lockRuns, RUN_LOCK } from "./runLock.ts";
import { StoreError } from "./store.ts";

/**
 * See `removeIndex`, of indexes in a folder of this machine.
 * @param place the folder of one folder's indexes
 */
export async function removeFromDisk(place: string, name: string | undefined): Promise<void> {
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
