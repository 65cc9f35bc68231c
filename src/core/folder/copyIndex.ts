import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isDatabase } from "../../shared/index.ts";
import { readRegularFile } from "../files/index.ts";
import {
  adaptedModelFile,
  type CopyOptions,
  type CopySummary,
  copyStore,
  type IndexPlace,
  localPlaceAt,
  openPlace,
  StoreError,
} from "../index/index.ts";
import type { FolderInUse } from "./folderInUse.ts";

/**
 * Copies the index of a folder, with its adapted model, from another place.
 * @param from a folder that holds indexes, that of one folder's indexes, or the address of a database
 * @throws StoreError where there is none of this model, or both were made by models that differ
 */
export async function copyIndex(use: FolderInUse, from: string, options: CopyOptions): Promise<CopySummary> {
  const source = await placeIn(from, use.folder, use.warn);
  try {
    return await copyFrom(use, source, options);
  } finally {
    await source.close();
  }
}

async function copyFrom(use: FolderInUse, source: IndexPlace, options: CopyOptions): Promise<CopySummary> {
  const { signal } = options;
  if (source.folder === use.place.folder) {
    throw new StoreError(`${source.title} is the place of the index itself. Name another one.`);
  }
  const unlock = await use.place.lockRuns({ signal });
  try {
    await use.model.followForm(source);
    const base = (await use.model.base()).summary.fingerprint;
    const adapted = use.adapt ? await adaptedModel(source, base) : null;
    if (adapted !== null) {
      await use.model.takeOver(adapted, `The adapted model in ${source.title}`);
    }
    const embedder = await (use.adapt ? use.model.adaptedOrBase(use.warn) : use.model.base());
    if (embedder !== use.current.embedder) await use.replaceBy(await use.openWith(embedder));
    const { store } = use.current;
    const { fingerprint, name } = embedder.summary;
    const rows = await source.openRows(fingerprint, name);
    const copied = await use.place.openRows(fingerprint, name);
    try {
      return await copyStore(rows, store, copied, embedder.dim, options);
    } finally {
      await rows.close();
      await copied.close();
    }
  } finally {
    await unlock();
  }
}

async function adaptedModel({ models, file }: IndexPlace, base: string): Promise<Buffer | null> {
  if (models !== null) return (await models.current(base)) === null ? null : models.fetch(base);
  const kept = adaptedModelFile(file(base));
  return existsSync(kept) ? readRegularFile(kept) : null;
}

async function placeIn(from: string, folder: string, warn: (message: string) => void): Promise<IndexPlace> {
  if (isDatabase(from)) return openPlace(folder, from, warn);
  const named = await openPlace(folder, resolve(from));
  return existsSync(named.folder) ? named : localPlaceAt(resolve(from));
}
