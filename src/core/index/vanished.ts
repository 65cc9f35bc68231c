import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { pMapIterable } from "p-map";
import type { RecordState, Store } from "./store.ts";
import { StoreError } from "./store.ts";

/** Of fewer images, deleting all is nothing unusual. */
const LEAST = 50;
/** Share of the images that are gone at once, from which on it looks like a disk that is away. */
const SHARE = 0.9;

/** Nearly all images of a folder are gone at once, and nobody said that this is meant; nothing was removed. */
export class VanishedError extends StoreError {
  override readonly name = "VanishedError";
  /** Images whose files are not there any more. */
  readonly gone: number;
  /** Images that were indexed. */
  readonly indexed: number;

  constructor(folder: string, gone: number, indexed: number) {
    super(
      `${gone} of the ${indexed} indexed images of ${folder} are gone at once. Nothing was removed from the index. If a disk ` +
        "or a network folder is away, bring it back and index again.",
    );
    this.gone = gone;
    this.indexed = indexed;
  }
}

/**
 * Refuses to forget nearly all images of a folder at once: a mount that is away looks like an empty folder.
 * @param gone records without a file in the listing
 * @param indexed number of all records
 * @throws VanishedError where 90 % or more of 50 images or more are gone: neither moved, nor left out by a filter
 */
export async function refuseVanished(
  folder: string,
  store: Pick<Store, "elsewhere">,
  gone: readonly RecordState[],
  indexed: number,
): Promise<void> {
  const enough = Math.ceil(SHARE * indexed);
  if (indexed < LEAST || gone.length < enough) return;
  const paths = new Set(gone.map(({ path }) => path));
  const isLost = async ({ path }: RecordState): Promise<boolean> => {
    const moved = (await store.elsewhere(path)).some((other) => !paths.has(other));
    return !moved && !(await isThere(join(folder, path)));
  };
  let kept = 0;
  for await (const lost of pMapIterable(gone, isLost, { concurrency: 32 })) {
    if (!lost && gone.length - ++kept < enough) return;
  }
  throw new VanishedError(folder, gone.length - kept, indexed);
}

function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
