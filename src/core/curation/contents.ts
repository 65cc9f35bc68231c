import { promises as fs } from "node:fs";
import { join } from "node:path";
import pMap from "p-map";
import type { FileLink, SkippedFile } from "../../shared/index.ts";
import { type Appearance, appearanceOf, ImageError } from "../images/index.ts";
import type { VectorSet } from "../neighbours/index.ts";
import type { ImageRecord, IndexSource } from "../search/index.ts";
import { byPlace, type Worth, worthOf } from "./worth.ts";

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
  /** One of each file: links are left out. */
  readonly files: readonly ImageRecord[];
  readonly appearance: Appearance;
  readonly worth: Worth;
}

export interface CheckedFiles {
  /** By number of the content; those without a file left are not in it. */
  readonly live: ReadonlyMap<number, LiveContent>;
  /** What is gone, changed or cannot be read. */
  readonly skipped: readonly SkippedFile[];
  /** Paths that lead to a file that is listed under another path. */
  readonly links: readonly FileLink[];
}

/** Looks at the files of some contents again. */
export async function checkFiles(
  folder: string,
  contents: readonly Content[],
  candidates: ReadonlySet<number>,
  signal: AbortSignal | undefined,
  report: (done: number) => void,
): Promise<CheckedFiles> {
  const live = new Map<number, LiveContent>();
  const skipped: SkippedFile[] = [];
  const links: FileLink[] = [];
  let done = 0;
  await pMap(
    candidates,
    async (i) => {
      signal?.throwIfAborted();
      const files: { readonly record: ImageRecord; readonly state: FileState }[] = [];
      for (const record of contents[i]!.files) {
        const state = await stateOf(join(folder, record.path));
        if (state?.size === record.size && state.mtimeMs === record.mtimeMs) files.push({ record, state });
        else {
          skipped.push({ path: record.path, reason: "gone, or changed since it was indexed; index the folder again" });
        }
      }
      const own = withoutLinks(files, links);
      const [first] = own;
      try {
        if (first !== undefined) {
          const file = join(folder, first.path);
          live.set(i, { files: own, appearance: await appearanceOf(file), worth: await worthOf(file) });
        }
      } catch (error) {
        if (!(error instanceof ImageError)) throw error;
        skipped.push(...own.map(({ path }) => ({ path, reason: error.message })));
      }
      report(++done / candidates.size);
    },
    { concurrency: 4 },
  );
  return { live, skipped, links };
}

interface FileState {
  readonly size: number;
  readonly mtimeMs: number;
  /** The same for all paths of one file. */
  readonly id: string;
  readonly isLink: boolean;
}

async function stateOf(file: string): Promise<FileState | undefined> {
  try {
    const { dev, ino } = await fs.stat(file, { bigint: true });
    const { size, mtimeMs } = await fs.stat(file);
    return { size, mtimeMs, id: `${dev} ${ino}`, isLink: (await fs.lstat(file)).isSymbolicLink() };
  } catch {
    return undefined;
  }
}

/** Of several paths of one file the one that is no link, shown, and first by name; the others are told as links to it. */
function withoutLinks(
  files: readonly { readonly record: ImageRecord; readonly state: FileState }[],
  links: FileLink[],
): ImageRecord[] {
  const own = new Map<string, ImageRecord>();
  const sorted = files.toSorted(
    (a, b) => Number(a.state.isLink) - Number(b.state.isLink) || byPlace(a.record.path, b.record.path),
  );
  for (const { record, state } of sorted) {
    const file = own.get(state.id);
    if (file === undefined) own.set(state.id, record);
    else links.push({ path: record.path, of: file.path });
  }
  return [...own.values()].sort((a, b) => byPlace(a.path, b.path));
}
