import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import {
  adaptedModelFile,
  type CopyOptions,
  type CopySummary,
  copyStore,
  indexFile,
  lockRuns,
  StoreError,
} from "../index/index.ts";
import type { FolderInUse } from "./folderInUse.ts";

/**
 * Copies the index of a folder, with its adapted model, from another place.
 * @param from a folder that holds indexes, or that of one folder's indexes
 * @throws StoreError where there is none of this model, or both were made by models that differ
 */
export async function copyIndex(use: FolderInUse, from: string, options: CopyOptions): Promise<CopySummary> {
  const place = dirname(use.current.store.place);
  const unlock = await lockRuns(place, { signal: options.signal });
  try {
    const base = (await use.model.base()).summary.fingerprint;
    const source = placeIn(resolve(from), use.folder, base);
    const adapted = join(source, basename(adaptedModelFile(indexFile(place, use.folder, base))));
    if (use.adapt && existsSync(adapted)) {
      await use.model.takeOver(adapted);
      await use.replaceBy(await use.openWith(await use.model.adaptedOrBase(use.warn)));
    }
    const { store, embedder } = use.current;
    const file = join(source, `${embedder.summary.fingerprint.slice(0, 16)}.sqlite`);
    if (!existsSync(file)) {
      throw new StoreError(
        `${source} has no index by the model ${embedder.summary.name} (${file} is not there). Choose the model that made it.`,
      );
    }
    if (resolve(file) === resolve(store.place))
      throw new StoreError(`${file} is the index itself. Name another place.`);
    return await copyStore(file, store, embedder.dim, options);
  } finally {
    unlock();
  }
}

function placeIn(from: string, folder: string, fingerprint: string): string {
  const named = dirname(indexFile(from, folder, fingerprint));
  return existsSync(named) ? named : from;
}
