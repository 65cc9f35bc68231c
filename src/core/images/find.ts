import { type BigIntStats, promises as fs, type Stats, stat } from "node:fs";
import { join, resolve } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { type FileFilter, isImageName, type SkippedFile } from "../../shared/index.ts";
import { readFailure } from "../files/index.ts";
import { isGone, nameFailure } from "./failures.ts";
import { unreadKind } from "./kinds.ts";
import { PathFilter, type Scope } from "./pathFilter.ts";
import { shadowFile, shadowFolder } from "./shadows.ts";

/** An image file under a folder, known by name and `stat` only. */
export interface FoundImage {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch, with the fraction that the file system gives. */
  readonly mtimeMs: number;
  /** When content, name or rights changed last, which nobody can set back; milliseconds since the epoch. */
  readonly ctimeMs: number;
}

export interface FoundImages {
  /** In the order of their paths, so that two runs over the same files do the same work in the same order. */
  readonly images: readonly FoundImage[];
  /** Files and folders that could not be looked at. */
  readonly skipped: readonly SkippedFile[];
}

/** A file or folder that could not be looked at. */
export interface UnseenFile extends SkippedFile {
  /** It is not there: a link that leads nowhere, or deleted a moment ago. */
  readonly gone: boolean;
}

export interface FindOptions {
  readonly signal?: AbortSignal | undefined;
  readonly filter?: FileFilter | undefined;
  /** Also finds pictures of kinds that are not read, by their endings: to count them, or to find that one tells a lie. */
  readonly unread?: boolean | undefined;
  /** Told of each shadow folder or file that is passed over, by the name of its kind. */
  readonly onShadow?: (kind: string) => void;
}

/** Copies are put away in a folder of this name, beside the one that they lay in. */
export const PUT_AWAY_FOLDER = "lookalike-put-away";

/** Folders that hold no images of the user's own. */
const IGNORED_FOLDERS = new Set([".git", ".hg", ".svn", "node_modules", PUT_AWAY_FOLDER]);

/** Files whose `stat` is under way at the same time: on network disks the wait of each dominates. */
const STATS = 32;

/** Milliseconds for which rules are applied to files before others may run. */
const LONGEST = 20;

/** Files after which others may run, and what was found is handed on. */
const CHUNK = 512;

/** See `walkImages`; everything at once. */
export async function findImages(root: string, options: FindOptions = {}): Promise<FoundImages> {
  const images: FoundImage[] = [];
  const unseen = await walkImages(root, (image) => images.push(image), options);
  images.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { images, skipped: unseen.map(({ path, reason }) => ({ path, reason })) };
}

/**
 * Goes through all image files under `root`, by name, in no particular order, without holding them. Links to files and
 * folders are followed, since data sets are often linked in from another disk. A folder that can be reached in several
 * ways is read once, under its own place where that is under `root`: so link loops end, and a new link changes nothing.
 * @returns files and folders that could not be looked at, other than for being gone by now
 * @throws where `root` itself cannot be read, or `signal` aborts
 */
export async function walkImages(
  root: string,
  visit: (image: FoundImage) => void,
  { signal, filter = {}, unread = false, onShadow = () => {} }: FindOptions = {},
): Promise<UnseenFile[]> {
  const unseen: UnseenFile[] = [];
  const visited = new Set<string>();
  const paths = new PathFilter(resolve(root), filter);
  const links: { readonly path: string; readonly parent: Scope }[] = [];

  function isShadow(kind: string | undefined): boolean {
    if (kind === undefined || filter.shadows === true) return false;
    onShadow(kind);
    return true;
  }

  async function visitFolder(path: string, scope: Scope): Promise<void> {
    signal?.throwIfAborted();
    const { dev, ino } = await fs.stat(join(root, path), { bigint: true });
    if (!add(visited, { dev, ino })) return;
    const folders: string[] = [];
    const linked: string[] = [];
    let files: string[] = [];
    const inside = (name: string) => (path === "" ? name : `${path}/${name}`);
    for await (const entry of await fs.opendir(join(root, path), { bufferSize: CHUNK })) {
      const { name } = entry;
      if (entry.isDirectory()) {
        if (!IGNORED_FOLDERS.has(name) && !isShadow(shadowFolder(name))) folders.push(inside(name));
      } else if (isImageName(name) || (unread && unreadKind(name) !== undefined)) {
        if (!isShadow(shadowFile(name))) files.push(inside(name));
      } else if (entry.isSymbolicLink()) linked.push(inside(name));
      if (files.length < CHUNK) continue;
      await look(files, scope, linked);
      files = [];
    }
    await look(files, scope, linked);
    for (const link of linked.sort()) links.push({ path: link, parent: scope });
    for (const folder of folders.sort()) await visitChild(folder, scope);
  }

  async function visitChild(path: string, parent: Scope): Promise<void> {
    try {
      const scope = await paths.enter(path, parent);
      if (scope !== null) await visitFolder(path, scope);
    } catch (error) {
      signal?.throwIfAborted();
      const nameless = isGone(error) ? nameFailure(path) : readFailure(error);
      if (nameless !== undefined) unseen.push({ path, reason: nameless, gone: false });
    }
  }

  /** @param linked takes links with the name of an image that lead to a folder */
  async function look(files: readonly string[], scope: Scope, linked: string[]): Promise<void> {
    signal?.throwIfAborted();
    const wanted: string[] = [];
    let since = performance.now();
    for (const path of files) {
      if (paths.accepts(path, scope)) wanted.push(path);
      if (performance.now() - since < LONGEST) continue;
      // Rules come with folders and workspaces, in any number.
      await turn();
      signal?.throwIfAborted();
      since = performance.now();
    }
    await statAll(root, wanted, (path, result) => {
      if (result instanceof Error) {
        const nameless = isGone(result) ? nameFailure(path) : undefined;
        const gone = isGone(result) && nameless === undefined;
        unseen.push({ path, reason: nameless ?? readFailure(result), gone });
      } else if (result.isFile()) visit({ path, size: result.size, mtimeMs: result.mtimeMs, ctimeMs: result.ctimeMs });
      else if (result.isDirectory()) linked.push(path);
    });
  }

  await visitFolder("", await paths.top());
  for (let link = links.shift(); link !== undefined; link = links.shift()) {
    const { path, parent } = link;
    if (await isFolder(join(root, path))) await visitChild(path, parent);
  }
  return unseen;
}

/**
 * Which files of one folder a walk would find, by their names alone.
 * @param folder relative to `root` with `/`; "" is `root` itself
 * @returns relative to `root`
 */
export async function wantedIn(
  root: string,
  folder: string,
  names: readonly string[],
  filter: FileFilter = {},
): Promise<string[]> {
  const paths = new PathFilter(resolve(root), filter);
  const parts = folder === "" ? [] : folder.split("/");
  const hides = (kind: string | undefined) => kind !== undefined && filter.shadows !== true;
  if (parts.some((name) => IGNORED_FOLDERS.has(name) || hides(shadowFolder(name)))) return [];
  let scope: Scope | null = await paths.top();
  for (let depth = 1; depth <= parts.length && scope !== null; depth++) {
    scope = await paths.enter(parts.slice(0, depth).join("/"), scope);
  }
  if (scope === null) return [];
  const within = scope;
  const files = names.filter((name) => !hides(shadowFile(name))).map((name) => [...parts, name].join("/"));
  return files.filter((path) => paths.accepts(path, within));
}

/** Calls back: a promise for each file takes twice the time. */
function statAll(
  root: string,
  paths: readonly string[],
  done: (path: string, result: Stats | Error) => void,
): Promise<void> {
  return new Promise((resolveAll) => {
    let next = 0;
    let open = 0;
    const more = () => {
      while (open < STATS && next < paths.length) {
        const path = paths[next++]!;
        open++;
        stat(join(root, path), (error, stats) => {
          open--;
          done(path, error ?? stats);
          more();
        });
      }
      if (open === 0 && next === paths.length) resolveAll();
    };
    more();
  });
}

function add(visited: Set<string>, { dev, ino }: Pick<BigIntStats, "dev" | "ino">): boolean {
  const before = visited.size;
  return visited.add(`${dev}:${ino}`).size > before;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await fs.stat(path)).isDirectory();
  } catch {
    return false;
  }
}
