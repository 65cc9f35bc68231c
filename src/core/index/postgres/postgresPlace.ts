import { createHash } from "node:crypto";
import { promises as fs, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { dataFolder, makeFolder, writeFileAtomically } from "../../files/index.ts";
import { insideOnly, rowsInside } from "../insideOnly.ts";
import { noIndex } from "../localPlace.ts";
import type { IndexPlace } from "../place.ts";
import { removeOurs } from "../placeFiles.ts";
import { plainStore } from "../plainStore.ts";
import { type Store, StoreError, type StoreIdentity } from "../store.ts";
import { type PostgresAddress, readAddress } from "./address.ts";
import { PostgresCandidates } from "./candidates.ts";
import { changesOf } from "./changes.ts";
import { Database, type DatabaseOptions } from "./database.ts";
import { keptIn, removeFrom } from "./kept.ts";
import { takeLocks } from "./locks.ts";
import { databaseModels } from "./models.ts";
import { PostgresStore } from "./postgresStore.ts";
import { openRows } from "./rowReader.ts";
import { MOST_VALUES, type PostgresIndex } from "./rows.ts";
import { type SchemaState, setUpSchema } from "./schema.ts";
import { databaseThumbnails } from "./thumbnails.ts";

/**
 * The indexes of a folder in a PostgreSQL database.
 * @param folder the indexed one
 * @param location an address as in `readAddress`
 * @throws StoreError where the address cannot be used, or the database not be reached
 */
export async function postgresPlace(folder: string, location: string, options: DatabaseOptions): Promise<IndexPlace> {
  const address = readAddress(location);
  const name = address.folder ?? basename(realpathSync(folder));
  const own = await ownFolder(folder, name, address);
  const database = await Database.connect(address, options);
  try {
    const schema = await setUpSchema(database);
    return new Place(database, schema, name, own, await softwareOf(database)).face();
  } catch (error) {
    await database.close();
    throw database.plainly(error);
  }
}

/**
 * Where this machine keeps what is its own: adapted models that have passed, thumbnails, projections. All of it can be deleted.
 * @throws StoreError where folders go by their own names and two of this machine have the same
 */
async function ownFolder(folder: string, name: string, address: PostgresAddress): Promise<string> {
  const { host, port, database } = address;
  const key = createHash("sha256")
    .update(JSON.stringify([host, port, database, name]))
    .digest("hex")
    .slice(0, 16);
  const own = join(dataFolder(), "remote", `${name.replace(/[^\p{L}\p{N}._-]+/gu, "_").slice(0, 80)}-${key}`);
  makeFolder(own);
  if (address.folder !== null) return own;
  const note = join(own, "folder.txt");
  const real = realpathSync(folder);
  const before = await fs.readFile(note, "utf8").catch(() => null);
  if (before !== null && before !== real && (await fs.stat(before).catch(() => null)) !== null) {
    throw new StoreError(
      `${before} and ${real} would both be ${name} in ${address.title}, and one would take the other's images out. Give one ` +
        "of them a name of its own in the address: ?folder=<name>.",
    );
  }
  await writeFileAtomically(note, Buffer.from(real));
  return own;
}

async function softwareOf(database: Database): Promise<string> {
  const { server, vector } = await database.first<{ server: string; vector: string | null }>(
    `select current_setting('server_version') as server,
       (select extversion from pg_extension where extname = 'vector') as vector`,
  );
  return `PostgreSQL ${server}${vector === null ? ", without pgvector" : `, pgvector ${vector}`}`;
}

class Place {
  readonly #database: Database;
  readonly #schema: SchemaState;
  readonly #name: string;
  readonly #folder: string;
  readonly #software: string;
  readonly #opened = new WeakMap<Store, PostgresIndex>();

  constructor(database: Database, schema: SchemaState, name: string, folder: string, software: string) {
    this.#database = database;
    this.#schema = schema;
    this.#name = name;
    this.#folder = folder;
    this.#software = software;
  }

  face(): IndexPlace {
    const { title } = this.#database;
    const lock = (what: string, shared: boolean) => ({ key: `${this.#name} ${what}`, shared });
    return {
      kind: "postgres",
      software: this.#software,
      title,
      folder: this.#folder,
      file: (fingerprint) => join(this.#folder, `${fingerprint.slice(0, 16)}.sqlite`),
      openStore: (identity, warn) => this.#open(identity, warn),
      openRows: async (fingerprint, model) => {
        const index = await this.#find(fingerprint);
        if (index === undefined) throw noIndex(title, model, `${this.#name}, ${fingerprint.slice(0, 16)}`);
        return rowsInside(openRows(this.#database, index, title));
      },
      lockRuns: (options, shard) =>
        takeLocks(
          this.#database,
          shard === undefined
            ? [lock("run", false)]
            : [lock("run", true), lock(`run ${shard.index} of ${shard.of}`, false)],
          options,
        ),
      lockAdaptation: (options) => takeLocks(this.#database, [lock("adapt", false)], options),
      thumbnails: databaseThumbnails(this.#database, this.#name),
      models: databaseModels(this.#database, this.#name),
      openPastMemory: async (store, dims, search, { warn, candidates }) => {
        const index = this.#opened.get(store);
        if (index === undefined) throw new Error("a store of another place");
        return new PostgresCandidates(this.#database, index, dims, search, { warn, candidates });
      },
      kept: (fingerprint) => keptIn(this.#database, this.#name, fingerprint),
      remove: async (name) => {
        await removeFrom(this.#database, this.#name, name);
        if (name === undefined) await removeOurs(this.#folder, () => true);
      },
      // Rows that are damaged are made again one by one.
      putAside: () => {},
      close: () => this.#database.close(),
    };
  }

  async #find(fingerprint: string): Promise<PostgresIndex | undefined> {
    const [row] = await this.#database.query<{ id: number; dim: number }>(
      "select id, dim from lookalike.indexes where folder = $1 and fingerprint = $2",
      [this.#name, fingerprint],
    );
    return row === undefined ? undefined : { ...row, vectors: this.#schema.vectors && row.dim <= MOST_VALUES };
  }

  async #open(identity: StoreIdentity, warn: (message: string) => void): Promise<Store> {
    const { fingerprint, model, dim } = identity;
    let index = await this.#find(fingerprint);
    if (index === undefined) {
      await this.#database.query(
        `insert into lookalike.indexes (folder, fingerprint, model, dim) values ($1, $2, $3, $4)
         on conflict (folder, fingerprint) do nothing`,
        [this.#name, fingerprint, model ?? "", dim],
      );
      index = await this.#find(fingerprint);
    }
    if (index?.dim !== dim) {
      throw new StoreError(
        `The index of ${this.#name} in ${this.#database.title} is not of this model. Remove it first.`,
      );
    }
    const changes = await changesOf(this.#database, index.id);
    const place = `${this.#database.title} (${this.#name}, ${fingerprint.slice(0, 16)})`;
    const plain = (error: unknown) => this.#database.plainly(error);
    const store = insideOnly(plainStore(new PostgresStore(this.#database, index, changes, place, warn), plain), warn);
    this.#opened.set(store, index);
    return store;
  }
}
