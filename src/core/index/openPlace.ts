import { resolve } from "node:path";
import { isDatabase } from "../../shared/index.ts";
import { localPlace } from "./localPlace.ts";
import { defaultLocation } from "./location.ts";
import type { IndexPlace } from "./place.ts";
import { postgresPlace } from "./postgres/index.ts";

/**
 * Where the indexes of a folder lie.
 * @param folder the indexed one; must exist
 * @param location a folder or the address of a database; the user's data folder where absent or empty
 * @throws StoreError where a database cannot be reached
 */
export async function openPlace(
  folder: string,
  location: string | undefined,
  warn?: (message: string) => void,
): Promise<IndexPlace> {
  if (location !== undefined && isDatabase(location)) return postgresPlace(folder, location, { warn });
  return localPlace(folder, resolve(location || defaultLocation()));
}
