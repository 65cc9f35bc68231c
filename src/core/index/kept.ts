import { promises as fs } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { IndexDetails, KeptIndex, SkippedFile } from "../../shared/index.ts";
import { isInside } from "./insideOnly.ts";
import { belongsTo, INDEX_FILE } from "./placeFiles.ts";
import { refuseForeign } from "./sqliteForeign.ts";

/**
 * What there is on disk of a folder's indexes. Opens nothing for writing, and makes nothing.
 * @param place of the folder's indexes
 * @param fingerprint of the model in use
 */
export async function keptOnDisk(place: string, fingerprint: string): Promise<Omit<IndexDetails, "folder" | "place">> {
  const currentName = `${fingerprint.slice(0, 16)}.sqlite`;
  const sizes = await sizesIn(place);
  const indexes = [...sizes.keys()].filter((name) => INDEX_FILE.test(name)).map((name) => describe(place, name, sizes));
  return {
    current: indexes.find(({ name }) => name === currentName) ?? null,
    skipped: sizes.has(currentName) ? skippedIn(join(place, currentName)) : [],
    others: indexes.filter(({ name }) => name !== currentName),
    bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
  };
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
      database
        .prepare<[], SkippedFile>("select path, reason from skipped order by path")
        .all()
        .filter(({ path }) => isInside(path)),
    ) ?? []
  );
}

/** @returns undefined where the file cannot be read as an index */
function read<T>(file: string, work: (database: Database.Database) => T): T | undefined {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { readonly: true, timeout: 1_000 });
    refuseForeign(database);
    return work(database);
  } catch {
    return undefined;
  } finally {
    database?.close();
  }
}

/** Names and sizes in bytes, of folders with all in them; empty where the place is not there. No link is followed. */
async function sizesIn(place: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const name of await fs.readdir(place).catch(() => [])) {
    const stat = await fs.lstat(join(place, name)).catch(() => undefined);
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
