import type { FoundImage } from "../images/index.ts";
import type { RecordState, SkippedRecord } from "./store.ts";

/** What has to be done to bring a store up to date with the files. */
export interface Plan {
  readonly added: readonly FoundImage[];
  /** Known under another time or size: to be embedded again. */
  readonly changed: readonly FoundImage[];
  /** Paths of images of the store that are no image files any more. */
  readonly gone: readonly string[];
  /** The same of skipped files. */
  readonly goneSkipped: readonly string[];
  readonly unchanged: number;
  /** Could not be decoded, and have not changed since. */
  readonly stillSkipped: readonly SkippedRecord[];
}

/** Compares files with records; pure. A file counts as unchanged when its time and size are. */
export function planUpdate(
  found: readonly FoundImage[],
  known: readonly RecordState[],
  skipped: readonly SkippedRecord[],
): Plan {
  const records = new Map(known.map((record) => [record.path, record]));
  const skips = new Map(skipped.map((record) => [record.path, record]));
  const added: FoundImage[] = [];
  const changed: FoundImage[] = [];
  const stillSkipped: SkippedRecord[] = [];
  let unchanged = 0;
  for (const image of found) {
    const record = records.get(image.path);
    const skip = skips.get(image.path);
    records.delete(image.path);
    skips.delete(image.path);
    if (record !== undefined) {
      if (sameState(record, image)) unchanged++;
      else changed.push(image);
    } else if (skip !== undefined && sameState(skip, image)) stillSkipped.push(skip);
    else added.push(image);
  }
  return { added, changed, gone: [...records.keys()], goneSkipped: [...skips.keys()], unchanged, stillSkipped };
}

/** Whether time and size are the same. */
export function sameState(a: Omit<RecordState, "path">, b: Omit<RecordState, "path">): boolean {
  return a.mtimeMs === b.mtimeMs && a.size === b.size;
}
