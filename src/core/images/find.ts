import { type Dirent, promises as fs } from "node:fs";
import { join } from "node:path";
import { isImageName, type SkippedFile } from "../../shared/index.ts";
import { readFailure } from "./failures.ts";

/** An image file under a folder, known by name and `stat` only. */
export interface FoundImage {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch, with the fraction that the file system gives. */
  readonly mtimeMs: number;
}

export interface FoundImages {
  /** In the order of their paths, so that two runs over the same files do the same work in the same order. */
  readonly images: readonly FoundImage[];
  /** Files and folders that could not be looked at. */
  readonly skipped: readonly SkippedFile[];
}

/** Folders that hold no images of the user's own. */
const IGNORED_FOLDERS = new Set([".git", ".hg", ".svn", "node_modules"]);

/**
 * All image files under `root`, by name. Links to files and folders are followed, since data sets are often linked in
 * from another disk; a folder reached twice is read once, so that link loops end.
 * @throws where `root` itself cannot be read, or `signal` aborts.
 */
export async function findImages(root: string, signal?: AbortSignal): Promise<FoundImages> {
  const images: FoundImage[] = [];
  const skipped: SkippedFile[] = [];
  const visited = new Set<string>();

  async function visitFolder(path: string): Promise<void> {
    signal?.throwIfAborted();
    const { dev, ino } = await fs.stat(join(root, path), { bigint: true });
    const identity = `${dev}:${ino}`;
    if (visited.has(identity)) return;
    visited.add(identity);
    const entries = await fs.readdir(join(root, path), { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    // One folder's files are looked at together: on network disks the wait of each `stat` dominates.
    const files = entries.filter((entry) => !entry.isDirectory());
    const found = await Promise.all(files.map((entry) => look(path, entry)));
    images.push(...found.filter((image) => image !== null));
    for (const entry of entries) {
      const child = path === "" ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory() && !IGNORED_FOLDERS.has(entry.name)) await visitChild(child);
      else if (entry.isSymbolicLink() && (await isFolder(join(root, child)))) await visitChild(child);
    }
  }

  async function visitChild(path: string): Promise<void> {
    try {
      await visitFolder(path);
    } catch (error) {
      signal?.throwIfAborted();
      skipped.push({ path, reason: readFailure(error) });
    }
  }

  async function look(folder: string, entry: Dirent): Promise<FoundImage | null> {
    if (!isImageName(entry.name)) return null;
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    try {
      const stat = await fs.stat(join(root, path));
      return stat.isFile() ? { path, size: stat.size, mtimeMs: stat.mtimeMs } : null;
    } catch (error) {
      skipped.push({ path, reason: readFailure(error) });
      return null;
    }
  }

  await visitFolder("");
  images.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { images, skipped };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await fs.stat(path)).isDirectory();
  } catch {
    return false;
  }
}
