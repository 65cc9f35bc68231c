import { promises as fs } from "node:fs";
import { join } from "node:path";

/** A file that begins with the name of its model's fingerprint: an index, or one that was damaged and put aside. */
export const INDEX_FILE = /^([0-9a-f]{16})\.sqlite(\.damaged-\d+)?$/;

/** What SQLite lays beside a database, and what `writeAtomically` leaves when it is killed. */
const BESIDE = "(-wal|-shm|-journal)?";
const ASIDE = String.raw`(\.[0-9a-f]{8}\.part)?`;

/** All that is ever made in the place of a folder's indexes. */
const OURS = [
  new RegExp(String.raw`^[0-9a-f]{16}\.(projections\.)?sqlite(\.damaged-\d+)?${BESIDE}$`),
  new RegExp(String.raw`^(thumbnails\.sqlite|(run(-\d+-of-\d+)?|adapt)\.lock)${BESIDE}$`),
  new RegExp(String.raw`^adapted-[0-9a-f]{16}(\.next)?\.(onnx|sha256)(\.damaged-\d+)?${ASIDE}$`),
];
/** A folder of search segments, and all that is ever made in it. */
const SEGMENTS = /^[0-9a-f]{16}\.candidates$/;
const IN_SEGMENTS = new RegExp(String.raw`^([\w-]+\.usearch(\.part)?|manifest\.json${ASIDE}|run\.lock${BESIDE})$`);

/** Whether a file belongs to an index: SQLite's own have its name and an ending; what is derived has the fingerprint in front. */
export function belongsTo(file: string, index: string): boolean {
  if (file === index || new RegExp(`^${BESIDE}$`).test(file.slice(index.length))) return file.startsWith(index);
  if (index.includes(".damaged-")) return false;
  const print = index.slice(0, -".sqlite".length);
  return file.startsWith(`${print}.`) && !INDEX_FILE.test(file) && !file.includes(".damaged-");
}

/**
 * Deletes what is ours in a place, by names that only we give, and nothing else. No link is followed: of a link only itself goes.
 * @param isMeant which of our files
 */
export async function removeOurs(place: string, isMeant: (name: string) => boolean): Promise<void> {
  for (const entry of await fs.readdir(place, { withFileTypes: true })) {
    const { name } = entry;
    if (!isMeant(name)) continue;
    const path = join(place, name);
    if (entry.isDirectory()) {
      if (SEGMENTS.test(name)) await removeSegments(path);
    } else if (SEGMENTS.test(name) || OURS.some((ours) => ours.test(name))) await fs.rm(path, { force: true });
  }
}

/** What a process that was killed leaves of a model that it adapted. */
const LEFT = /^adapted-[0-9a-f]{16}(\.next\.onnx|(\.next)?\.(onnx|sha256)\.[0-9a-f]{8}\.part)$/;

/** Takes away what an earlier run left behind; to be called by whoever holds the lock of the place. */
export async function sweepLeft(place: string): Promise<void> {
  for (const name of await fs.readdir(place)) {
    // A file that cannot be deleted costs its room, no more.
    if (LEFT.test(name)) await fs.rm(join(place, name), { force: true }).catch(() => {});
  }
}

async function removeSegments(folder: string): Promise<void> {
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() && IN_SEGMENTS.test(entry.name)) await fs.rm(join(folder, entry.name), { force: true });
  }
  await removeEmpty(folder);
}

/** A folder in which something is left stays. */
export async function removeEmpty(folder: string): Promise<void> {
  await fs.rmdir(folder).catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOENT") throw error;
  });
}
