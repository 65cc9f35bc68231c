import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { PastMemory } from "./candidates/index.ts";
import { insideOnly, rowsInside } from "./insideOnly.ts";
import { keptOnDisk } from "./kept.ts";
import { indexFile } from "./location.ts";
import { openSqliteStore, putAsideDamaged } from "./openSqliteStore.ts";
import type { IndexPlace } from "./place.ts";
import { removeFromDisk } from "./removeFromDisk.ts";
import { openSqliteRows } from "./rowSource.ts";
import { lockAdaptation, lockRuns } from "./runLock.ts";
import { StoreError } from "./store.ts";

/**
 * The indexes of a folder in a folder of this machine.
 * @param location absolute path of the folder that holds the indexes of all folders
 */
export function localPlace(folder: string, location: string): IndexPlace {
  return localPlaceAt(dirname(indexFile(location, folder, "0".repeat(64))));
}

/** @param place absolute path of the folder of one folder's indexes */
export function localPlaceAt(place: string): IndexPlace {
  const file = (fingerprint: string) => join(place, `${fingerprint.slice(0, 16)}.sqlite`);
  return {
    kind: "sqlite",
    software: null,
    title: place,
    folder: place,
    file,
    openStore: async (identity, warn) => insideOnly(openSqliteStore(file(identity.fingerprint), identity, warn), warn),
    async openRows(fingerprint, model) {
      if (!existsSync(file(fingerprint))) throw noIndex(place, model, file(fingerprint));
      return rowsInside(openSqliteRows(file(fingerprint)));
    },
    lockRuns: (options, shard) => lockRuns(place, options, shard),
    lockAdaptation: (options) => lockAdaptation(place, options),
    models: null,
    thumbnails: null,
    openPastMemory: (store, dims, search, options) => PastMemory.open(store.place, dims, search, options),
    kept: (fingerprint) => keptOnDisk(place, fingerprint),
    remove: (name) => removeFromDisk(place, name),
    putAside: (store, warn) => putAsideDamaged(store.place, warn),
    close: async () => {},
  };
}

/** @param missing what is not there */
export function noIndex(place: string, model: string, missing: string): StoreError {
  return new StoreError(
    `${place} has no index by the model ${model} (${missing} is not there). Choose the model that made it.`,
  );
}
