import { createHash } from "node:crypto";

/** One of several parts of a folder's files, by a hash of their paths: whoever works on a part needs to know nothing of the others. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

/** Whether a file belongs to a shard; to the whole, where there is none, all do. @param path relative to the folder, with `/` */
export function isInShard(path: string, shard: Shard | undefined): boolean {
  if (shard === undefined) return true;
  return createHash("sha256").update(path).digest().readUInt32LE() % shard.of === shard.index;
}
