import { promises as fs } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import Database from "better-sqlite3";
import type { IndexDetails, KeptIndex, SkippedFile } from "../../shared/index.ts";
import { readModelFile } from "../model/index.ts";
import { adaptedModelFile, defaultLocation, indexFile } from "./location.ts";
import { lockRuns, RUN_LOCK } from "./runLock.ts";
import { StoreError } from "./store.ts";

export interface KeptOptions {
  /** Folder that holds indexes; the user's data folder where absent. */
  readonly location?: string | undefined;
  /** Whether the model that is adapted to the folder is meant; by default it is. */
  readonly adapt?: boolean | undefined;
}

/** A file that begins with the name of its model's fingerprint: the index, what SQLite lays beside it, or what is derived. */
const INDEX_FILE = /^([0-9a-f]{16})\.sqlite(\.damaged-\d+)?$/;

/** What lies on disk of a folder's indexes. Loads no model, opens nothing for writing, and makes nothing. */
export async function indexDetails(
  folder: string,
  modelFile: string,
  options: KeptOptions = {},
): Promise<IndexDetails> {
  const location = resolve(options.location || defaultLocation());
  const { fingerprint } = await readModelFile(modelFile);
  const base = indexFile(location, folder, fingerprint);
  const place = dirname(base);
  const adapted =
    options.adapt === false ? undefined : await readModelFile(adaptedModelFile(base)).catch(() => undefined);
  const currentName = basename(adapted === undefined ? base : indexFile(location, folder, adapted.fingerprint));
  const sizes = await sizesIn(place);
  const indexes = [...sizes.keys()].filter((name) => INDEX_FILE.test(name)).map((name) => describe(place, name, sizes));
  return {
    folder,
    place,
    current: indexes.find(({ name }) => name === currentName) ?? null,
    skipped: sizes.has(currentName) ? skippedIn(join(place, currentName)) : [],
    others: indexes.filter(({ name }) => name !== currentName),
    bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
  };
}

/**
 * Deletes an index with what is derived from it, or everything of a folder: indexes, adapted models, thumbnails. Waits for a
 * run that is under way.
 * @param name as in `KeptIndex`; where absent, everything
 * @throws StoreError where it cannot be deleted, or is no index
 */
export async function removeIndex(folder: string, name: string | undefined, options: KeptOptions = {}): Promise<void> {
  const location = resolve(options.location || defaultLocation());
  const place = dirname(indexFile(location, folder, "0".repeat(64)));
  if (name !== undefined && !INDEX_FILE.test(name)) throw new StoreError(`${name} is not the name of an index.`);
  if ((await sizesIn(place)).size === 0) return;
  const unlock = await lockRuns(place, {});
  try {
    for (const file of (await sizesIn(place)).keys()) {
      if (name === undefined ? file !== RUN_LOCK : belongsTo(file, name))
        await fs.rm(join(place, file), { recursive: true, force: true });
    }
  } catch (cause) {
    throw new StoreError(
      `The index in ${place} cannot be deleted (${String(cause)}). Close what uses it, then try again.`,
      {
        cause,
      },
    );
  } finally {
    unlock();
  }
  if (name === undefined) await fs.rm(place, { recursive: true, force: true });
}

function describe(place: string, name: string, sizes: ReadonlyMap<string, number>): KeptIndex {
  const bytes = [...sizes].reduce((sum, [file, size]) => (belongsTo(file, name) ? sum + size : sum), 0);
  const damaged = name.includes(".damaged-");
  const nothing = { name, model: null, rows: 0, skipped: 0, bytes, damaged };
  if (damaged) return nothing;
  return (
    read(join(place, name), (database) => {
      const count = (table: string) => database.prepare<[], number>(`select count(*) from ${table}`).pluck().get() ?? 0;
      const model = database.prepare<[], string>("select value from meta where key = 'model'").pluck().get() ?? null;
      return { ...nothing, model, rows: count("image"), skipped: count("skipped") };
    }) ?? nothing
  );
}

function skippedIn(file: string): SkippedFile[] {
  return (
    read(file, (database) =>
      database.prepare<[], SkippedFile>("select path, reason from skipped order by path").all(),
    ) ?? []
  );
}

/** @returns undefined where the file cannot be read as an index */
function read<T>(file: string, work: (database: Database.Database) => T): T | undefined {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { readonly: true, timeout: 1_000 });
    return work(database);
  } catch {
    return undefined;
  } finally {
    database?.close();
  }
}

/** SQLite's own files have its name and an ending; what is derived has the fingerprint in front. */
function belongsTo(file: string, index: string): boolean {
  if (file === index || file === `${index}-wal` || file === `${index}-shm`) return true;
  if (index.includes(".damaged-")) return false;
  const print = index.slice(0, -".sqlite".length);
  return file.startsWith(`${print}.`) && !INDEX_FILE.test(file) && !file.includes(".damaged-");
}

/** Names and sizes in bytes, of folders with all in them; empty where the place is not there. */
async function sizesIn(place: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const name of await fs.readdir(place).catch(() => [])) {
    const stat = await fs.stat(join(place, name)).catch(() => undefined);
    if (stat?.isFile()) sizes.set(name, stat.size);
    else if (stat?.isDirectory()) {
      const inside = await sizesIn(join(place, name));
      sizes.set(
        name,
        [...inside.values()].reduce((sum, size) => sum + size, 0),
      );
    }
  }
  return sizes;
}
