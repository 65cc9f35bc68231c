import { promises as fs } from "node:fs";
import { join } from "node:path";
import pMap from "p-map";
import type { SkippedFile } from "../../shared/index.ts";
import { type Appearance, appearanceOf, ImageError } from "../images/index.ts";
import type { VectorSet } from "../neighbours/index.ts";
import type { ImageRecord, IndexSource } from "../search/index.ts";

/** Files of the same bytes: one picture. */
export interface Content {
  readonly files: readonly ImageRecord[];
  /** Row of its vectors; undefined where a branch of its embedding is zero. */
  readonly row: number | undefined;
}

/** All indexed images by content. */
export async function contentsOf(source: IndexSource, vectors: VectorSet, signal?: AbortSignal): Promise<Content[]> {
  const rows = new Map(vectors.paths.map((path, row) => [path, row]));
  const files = new Map<string, ImageRecord[]>();
  for (const path of await source.paths()) {
    signal?.throwIfAborted();
    const record = await source.record(path);
    if (record === undefined) continue;
    const key = Buffer.from(record.hash).toString("hex");
    const known = files.get(key);
    if (known === undefined) files.set(key, [record]);
    else known.push(record);
  }
  return [...files.values()].map((same) => {
    const sorted = same.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { files: sorted, row: sorted.map(({ path }) => rows.get(path)).find((row) => row !== undefined) };
  });
}

/** Of a content, the files that are still as they were indexed, and how it looks. */
export interface LiveContent {
  readonly files: readonly ImageRecord[];
  readonly appearance: Appearance;
}

/**
 * Looks at the files of some contents again.
 * @param skipped what is gone, changed or cannot be read is added here
 * @returns by number of the content; those without a file left are not in it
 */
export async function checkFiles(
  folder: string,
  contents: readonly Content[],
  candidates: ReadonlySet<number>,
  skipped: SkippedFile[],
  signal: AbortSignal | undefined,
  report: (done: number) => void,
): Promise<Map<number, LiveContent>> {
  const live = new Map<number, LiveContent>();
  let done = 0;
  await pMap(
    candidates,
    async (i) => {
      signal?.throwIfAborted();
      const files: ImageRecord[] = [];
      for (const file of contents[i]!.files) {
        if (await isUnchanged(folder, file)) files.push(file);
        else skipped.push({ path: file.path, reason: "gone, or changed since it was indexed; index the folder again" });
      }
      try {
        if (files.length > 0) live.set(i, { files, appearance: await appearanceOf(join(folder, files[0]!.path)) });
      } catch (error) {
        if (!(error instanceof ImageError)) throw error;
        skipped.push(...files.map(({ path }) => ({ path, reason: error.message })));
      }
      report(++done / candidates.size);
    },
    { concurrency: 4 },
  );
  return live;
}

async function isUnchanged(folder: string, { path, mtimeMs, ctimeMs, size }: ImageRecord): Promise<boolean> {
  try {
    const stat = await fs.stat(join(folder, path));
    return stat.size === size && stat.mtimeMs === mtimeMs && (ctimeMs === null || stat.ctimeMs === ctimeMs);
  } catch {
    return false;
  }
}
