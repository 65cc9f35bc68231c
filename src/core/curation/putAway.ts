import { constants, promises as fs } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import type { FilesMoved } from "../../shared/index.ts";
import {
  FileError,
  isMissing,
  openForAppend,
  partOf,
  readFailure,
  readRegularFile,
  writeFileAtomically,
} from "../files/index.ts";
import { PUT_AWAY_FOLDER } from "../images/index.ts";

/** The list beside the files, a line of JSON for each: where it came from, and where it lies in the review folder. */
const LIST = "put-away.jsonl";
/** Bytes: of two million files. */
const MAX_LIST = 2 ** 29 - 24;

/** Why a file is neither put away nor taken back: it would leave the folder, or could not come back. */
const LINKED = "a folder of its path is a link";

interface Entry {
  /** Absolute path at which the file lay. */
  readonly from: string;
  /** Absolute path at which it lies. */
  readonly to: string;
}

/** Where files of a folder are put away: beside it, so that no index of the folder sees them. */
export function reviewFolderOf(folder: string): string {
  const whole = resolve(folder);
  return join(dirname(whole), PUT_AWAY_FOLDER, basename(whole));
}

/**
 * Moves files into the review folder beside an indexed folder. Each is listed before it is moved, so that `takeBack` finds
 * it again whenever this is interrupted.
 * @param paths relative to the folder, with `/`
 * @returns those that were moved, and why others were not
 * @throws FileError where the review folder cannot be written
 */
export async function putAway(folder: string, paths: readonly string[], signal?: AbortSignal): Promise<FilesMoved> {
  const whole = resolve(folder);
  const place = reviewFolderOf(whole);
  const moved: string[] = [];
  const left: { path: string; reason: string }[] = [];
  await refuseLinks(place);
  await fs.mkdir(place, { recursive: true }).catch((error: unknown) => {
    throw new FileError(`${place} cannot be made: ${readFailure(error)}.`, { cause: error });
  });
  const list = await openForAppend(join(place, LIST)).catch((error: unknown) => {
    throw new FileError(`${join(place, LIST)} cannot be written: ${readFailure(error)}. Move it away.`, {
      cause: error,
    });
  });
  try {
    for (const path of paths) {
      signal?.throwIfAborted();
      const from = join(whole, path);
      if (!from.startsWith(whole + sep)) {
        left.push({ path, reason: "it does not lie in the folder" });
        continue;
      }
      try {
        await fs.lstat(from);
        const to = await freePlace(join(place, path));
        if ((await throughLinks(whole, from)) || (await throughLinks(place, to))) {
          left.push({ path, reason: LINKED });
          continue;
        }
        await list.appendFile(`${JSON.stringify({ from, to } satisfies Entry)}\n`);
        await list.sync();
        await fs.mkdir(dirname(to), { recursive: true });
        await move(from, to);
        moved.push(path);
      } catch (error) {
        left.push({ path, reason: readFailure(error) });
      }
    }
  } finally {
    await list.close();
  }
  return { place, moved, left };
}

/**
 * Moves everything in the review folder of a folder back to where it was. What would replace another file stays, as does its
 * line in the list.
 * @returns paths relative to the folder, with `/`; nothing where nothing is put away
 */
export async function takeBack(folder: string, signal?: AbortSignal): Promise<FilesMoved> {
  const whole = resolve(folder);
  const place = reviewFolderOf(whole);
  const moved: string[] = [];
  const left: { path: string; reason: string }[] = [];
  const kept: Entry[] = [];
  await refuseLinks(place);
  const entries = await readList(whole, join(place, LIST));
  for (const [i, entry] of entries.entries()) {
    const path = relative(whole, entry.from).split(sep).join("/");
    if (signal?.aborted) {
      kept.push(...entries.slice(i));
      break;
    }
    try {
      if (!(await isThere(entry.to))) continue;
      if ((await throughLinks(whole, entry.from)) || (await throughLinks(place, entry.to))) {
        kept.push(entry);
        left.push({ path, reason: LINKED });
        continue;
      }
      if (await isSameFile(entry.from, entry.to)) await fs.unlink(entry.to);
      else {
        await fs.mkdir(dirname(entry.from), { recursive: true });
        await move(entry.to, entry.from);
      }
      moved.push(path);
    } catch (error) {
      kept.push(entry);
      left.push({ path, reason: isTaken(error) ? "another file is there now" : readFailure(error) });
    }
  }
  const lines = kept.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  if (kept.length > 0) await writeFileAtomically(join(place, LIST), Buffer.from(lines));
  else if (entries.length > 0) await fs.rm(join(place, LIST), { force: true });
  await removeEmpty(place);
  await fs.rmdir(dirname(place)).catch(() => {});
  signal?.throwIfAborted();
  return { place, moved, left };
}

/** @param folder to which files go back */
async function readList(folder: string, file: string): Promise<Entry[]> {
  const text = await readRegularFile(file, MAX_LIST).catch((error: unknown) => {
    if (isMissing(error)) return "";
    throw new FileError(`${file} cannot be read: ${readFailure(error)}.`, { cause: error });
  });
  return text
    .toString()
    .split("\n")
    .flatMap((line) => {
      try {
        const { from, to } = JSON.parse(line) as Partial<Entry>;
        // Only what lies here is moved, and only into the folder, whoever wrote the list.
        const isOurs = isInside(folder, from) && isInside(dirname(file), to);
        return isOurs ? [{ from, to }] : [];
      } catch {
        // The last line of a process that died.
        return [];
      }
    });
}

/** Moves a file without ever replacing one; over the border of a disk it is copied whole before it goes. */
async function move(from: string, to: string): Promise<void> {
  try {
    // Unlike a rename, a link fails where something is there.
    await fs.link(from, to);
  } catch (error) {
    if (isTaken(error)) throw error;
    await copyWhole(from, to);
  }
  await fs.unlink(from);
}

async function copyWhole(from: string, to: string): Promise<void> {
  const state = await fs.lstat(from);
  if (state.isSymbolicLink()) return fs.symlink(await fs.readlink(from), to);
  if (await isThere(to)) throw Object.assign(new Error(`${to} is there`), { code: "EEXIST" });
  const part = partOf(to);
  try {
    await fs.copyFile(from, part, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    const handle = await fs.open(part, "r+");
    try {
      await handle.utimes(state.atime, state.mtime);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(part, to);
  } catch (error) {
    await fs.rm(part, { force: true });
    throw error;
  }
}

/** @throws FileError where the review folder, or the one that it lies in, is a link: files would go to wherever somebody chose */
async function refuseLinks(place: string): Promise<void> {
  for (const folder of [dirname(place), place]) {
    const there = await fs.lstat(folder).catch(() => undefined);
    if (there?.isSymbolicLink())
      throw new FileError(`${folder} is a link. Remove it: files are put away in a folder beside the images only.`);
  }
}

/** Whether it is a path inside a folder, as it is written; see `throughLinks`. */
function isInside(folder: string, path: unknown): path is string {
  return typeof path === "string" && resolve(path) === path && path.startsWith(folder + sep);
}

/** Whether a path that need not be there lies elsewhere than it says, since a folder on its way is a link. */
async function throughLinks(folder: string, path: string): Promise<boolean> {
  const real = await fs.realpath(folder);
  for (let above = dirname(path); above.startsWith(folder + sep); above = dirname(above)) {
    const there = await fs.realpath(above).catch(() => undefined);
    if (there !== undefined) return there !== join(real, relative(folder, above));
  }
  return false;
}

async function freePlace(file: string): Promise<string> {
  for (let n = 1; ; n++) {
    const name = n === 1 ? file : file.replace(/(\.[^./\\]*)?$/, ` (${n})$1`);
    if (!(await isThere(name))) return name;
  }
}

async function isThere(file: string): Promise<boolean> {
  return fs.lstat(file).then(
    () => true,
    () => false,
  );
}

/** Whether a move was interrupted between its two steps. */
async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map((file) => fs.lstat(file, { bigint: true }).catch(() => undefined)));
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino;
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}

/** Folders in which nothing is left go. */
async function removeEmpty(folder: string): Promise<void> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeEmpty(join(folder, entry.name));
  await fs.rmdir(folder).catch(() => {});
}
