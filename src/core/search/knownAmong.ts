import type { IndexSource } from "./embeddingSource.ts";

/**
 * Those of some images whose content is known.
 * @param known told the SHA-256 of an image's file
 * @returns paths in the given order, of what is indexed
 * @throws the signal's reason
 */
export async function knownAmong(
  source: Pick<IndexSource, "record">,
  paths: Iterable<string>,
  known: { has(hash: Uint8Array): boolean },
  signal?: AbortSignal,
): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    signal?.throwIfAborted();
    const record = await source.record(path);
    if (record !== undefined && known.has(record.hash)) found.push(path);
  }
  return found;
}
