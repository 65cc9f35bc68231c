import type { FormChoice, IndexDetails } from "../../shared/index.ts";
import { readModelFile } from "../model/index.ts";
import { adaptedModelFile } from "./location.ts";
import { formFor } from "./modelForm.ts";
import { openPlace } from "./openPlace.ts";

export interface KeptOptions {
  /** Folder that holds indexes, or the address of a database; the user's data folder where absent. */
  readonly location?: string | undefined;
  /** Whether the model that is adapted to the folder is meant; by default it is. */
  readonly adapt?: boolean | undefined;
  /** In which form the model is used; `auto` where absent. */
  readonly form?: FormChoice | undefined;
}

/** What is kept of a folder's indexes. Loads no model, and makes nothing. */
export async function indexDetails(
  folder: string,
  modelFile: string,
  options: KeptOptions = {},
): Promise<IndexDetails> {
  const place = await openPlace(folder, options.location);
  try {
    const { fingerprint } = await formFor(place, modelFile, options.form ?? "auto");
    const adapted =
      options.adapt === false
        ? null
        : place.models === null
          ? await readModelFile(adaptedModelFile(place.file(fingerprint))).then(
              (model) => model.fingerprint,
              () => null,
            )
          : await place.models.current(fingerprint);
    return {
      folder,
      place: place.kind === "sqlite" ? place.folder : place.title,
      ...(await place.kept(adapted ?? fingerprint)),
    };
  } finally {
    await place.close();
  }
}

/**
 * Deletes an index with what is derived from it, or everything of a folder: indexes, adapted models, thumbnails. Waits for a
 * run that is under way. What is not ours stays, and no link is followed.
 * @param name as in `KeptIndex`; where absent, everything
 * @throws StoreError where it cannot be deleted, or is no index
 */
export async function removeIndex(folder: string, name: string | undefined, options: KeptOptions = {}): Promise<void> {
  const place = await openPlace(folder, options.location);
  try {
    await place.remove(name);
  } finally {
    await place.close();
  }
}
