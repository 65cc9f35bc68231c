import { promises as fs, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { isMissing } from "../files/index.ts";
import { pathInside, StoreError, sameState } from "../index/index.ts";
import type { FolderInUse } from "./folderInUse.ts";

/** @throws StoreError where there is no folder of this path */
export async function requireFolder(folder: string): Promise<void> {
  if ((await fs.stat(folder).catch(() => null))?.isDirectory() !== true)
    throw new StoreError(`${folder} is not a folder that can be read. Choose a folder of images.`);
}

/** Path of a file relative to a folder, with `/`; null where it lies outside. Links are resolved where needed. */
export function pathIn(folder: string, file: string): string | null {
  const direct = pathInside(folder, resolve(file));
  if (direct !== null) return direct;
  try {
    return pathInside(realpathSync(folder), realpathSync(file));
  } catch {
    return null;
  }
}

/** Path of a file in the folder, and whether what the index holds of it is of the file as it is now. */
export async function placeOf(
  use: FolderInUse,
  image: string,
): Promise<{ readonly path: string | null; readonly current: boolean }> {
  const path = pathIn(use.folder, image);
  return { path, current: path !== null && (await isCurrent(use, path, image)) };
}

async function isCurrent(use: FolderInUse, path: string, file: string): Promise<boolean> {
  const record = await use.current.store.find(path);
  if (record === undefined) return false;
  try {
    return sameState(record, await fs.stat(file));
  } catch (error) {
    // What others indexed need not be on this machine.
    return use.place.kind === "postgres" && isMissing(error);
  }
}
