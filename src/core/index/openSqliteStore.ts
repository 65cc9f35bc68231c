import { renameSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { makeFolder } from "../files/index.ts";
import { plainStore } from "./plainStore.ts";
import { cannotOpen, inPlainWords, isDamage } from "./sqliteFailures.ts";
import { refuseForeign } from "./sqliteForeign.ts";
import { checkTables, refuseNewer, setUpSchema } from "./sqliteSchema.ts";
import { SqliteStore } from "./sqliteStore.ts";
import { type Store, StoreError, type StoreIdentity } from "./store.ts";

/**
 * Opens or makes the SQLite database of an index. A damaged file is put aside under a new name, since everything in it
 * can be made again from the images.
 * @throws StoreError where the place cannot be written, or a newer version made the index
 */
export function openSqliteStore(file: string, identity: StoreIdentity, warn: (message: string) => void): Store {
  let database: Database.Database;
  try {
    makeFolder(dirname(file));
    database = openDatabase(file, identity);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    if (!isDamage(error)) throw cannotOpen(file, error);
    putAsideDamaged(file, warn);
    try {
      database = openDatabase(file, identity);
    } catch (again) {
      throw cannotOpen(file, again);
    }
  }
  const store = new SqliteStore(database, file, identity.dim, warn);
  return plainStore(store, (error) => inPlainWords(store.place, error));
}

function openDatabase(file: string, identity: StoreIdentity): Database.Database {
  const database = new Database(file, { timeout: 10_000 });
  try {
    refuseNewer(database, file);
    // The page size only takes effect before the first table, and 16 KB fits rows of several kilobytes.
    database.pragma("page_size = 16384");
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = NORMAL");
    database.pragma("foreign_keys = ON");
    // Before anything of it is read, and after an older one has been brought up to date.
    refuseForeign(database);
    // Several processes may open a new or an old index at the same moment: one of them makes or changes the tables.
    database.transaction(() => setUpSchema(database, identity)).immediate();
    refuseForeign(database);
    checkTables(database);
    // From here on waiting is done between tries, where it does not hold up everything else in the process.
    database.pragma("busy_timeout = 1000");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Gives a damaged index, which nobody has open, another name: everything in it can be made again from the images. */
export function putAsideDamaged(file: string, warn: (message: string) => void): void {
  const aside = `${file}.damaged-${Date.now()}`;
  for (const suffix of ["", "-wal", "-shm"]) putAside(file + suffix, aside + suffix);
  warn(`The index ${file} was damaged. It was put aside as ${aside}; the folder is indexed again.`);
}

function putAside(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw cannotOpen(from, error);
  }
}
