/** Requests about the indexes that lie on disk. They load no model. */

import type { SkippedFile } from "../files.ts";
import type { FolderParams } from "../folder.ts";

/** One index of a folder, as it lies on disk. */
export interface KeptIndex {
  /** Name of its file, by which it is removed. */
  readonly name: string;
  /** Name of its model; null where an early version made it, or it cannot be read. */
  readonly model: string | null;
  /** Images. */
  readonly rows: number;
  readonly skipped: number;
  /** On disk, with what is derived from it. */
  readonly bytes: number;
  /** It was broken and put aside. */
  readonly damaged: boolean;
}

export interface IndexDetails {
  readonly folder: string;
  /** Folder on disk that holds all of the folder's indexes; it need not exist. */
  readonly place: string;
  /** The index of the model that is in use now; null where there is none. */
  readonly current: KeptIndex | null;
  /** Files that are not in the current index, with the reason. */
  readonly skipped: readonly SkippedFile[];
  /** Indexes of other models, and what was put aside. */
  readonly others: readonly KeptIndex[];
  /** Of everything in `place`. */
  readonly bytes: number;
}

export interface RemoveIndexParams extends FolderParams {
  /** `KeptIndex.name` of the one to remove; where absent, everything of the folder. */
  readonly name?: string;
}

export interface DatabasePasswordParams {
  /** As `serverOf` gives it. */
  readonly server: string;
  /** Kept in the engine's memory only; null forgets it. */
  readonly password: string | null;
}

export interface IndexRequests {
  /** For connections from then on. */
  "index/password": { params: DatabasePasswordParams; result: null };
  "index/details": { params: FolderParams; result: IndexDetails };
  /** The images are not touched. */
  "index/remove": { params: RemoveIndexParams; result: null };
}
