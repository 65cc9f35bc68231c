import { randomBytes } from "node:crypto";
import Database from "better-sqlite3";
import { spreadOut } from "../../../shared/index.ts";
import { fromFloat16, isWhole } from "../float16.ts";
import { isInside } from "../insideOnly.ts";
import { cannotOpen } from "../sqliteFailures.ts";
import { REVISIONS } from "../sqliteRevisions.ts";

export interface RevisedEmbedding {
  readonly revision: number;
  /** float32 `[sum of dims]`; reused between rows, so copy what you keep. */
  readonly embedding: Float32Array;
}

interface StoredEmbedding {
  readonly revision: number;
  readonly branches: Buffer;
  readonly crc: number | null;
}

interface StoredImage extends StoredEmbedding {
  readonly path: string;
}

/** Rows that are read at once. */
const PAGE = 256;
const EMBEDDINGS = "from revision join embedding on embedding.image_id = revision.image_id";
const IMAGES = `${EMBEDDINGS} join image on image.id = revision.image_id`;

/** The embeddings of an index's database by their revisions, over a connection of its own. Memory: one page of rows. */
export class Revisions {
  readonly #database: Database.Database;
  readonly #embedding: Float32Array;
  /** Told apart from every other database: of another one, a revision says nothing. */
  readonly epoch: string;

  /**
   * @param file of a store that is open; the table and its triggers are added where they are not there
   * @param dim values of an embedding
   * @throws StoreError where the database cannot be written
   */
  constructor(file: string, dim: number) {
    this.#database = new Database(file, { timeout: 10_000 });
    this.#embedding = new Float32Array(dim);
    try {
      this.epoch = this.#database.transaction(() => this.#setUp()).immediate();
    } catch (error) {
      this.#database.close();
      throw cannotOpen(file, error);
    }
  }

  #setUp(): string {
    const stored = this.#database.prepare<[], string>("select value from meta where key = 'epoch'").pluck().get();
    if (stored !== undefined) return stored;
    const epoch = randomBytes(8).toString("hex");
    this.#database.exec(REVISIONS);
    this.#database.prepare("insert into meta (key, value) values ('epoch', ?)").run(epoch);
    return epoch;
  }

  /** The highest number that was ever given. */
  given(): number {
    const given = this.#database.prepare<[], number>("select seq from sqlite_sequence where name = 'revision'");
    return given.pluck().get() ?? 0;
  }

  /** How many of the revisions in (after, upTo] are still there. */
  count(after: number, upTo: number): number {
    const count = this.#database.prepare<[number, number], number>(
      "select count(*) from revision where revision > ? and revision <= ?",
    );
    return count.pluck().get(after, upTo)!;
  }

  /** The revision at which (after, ...] holds so many rows; the last one where there are fewer. */
  endOf(after: number, rows: number): number {
    const end = this.#database.prepare<[number, number], number>(
      "select max(revision) from (select revision from revision where revision > ? order by revision limit ?)",
    );
    return end.pluck().get(after, rows) ?? after;
  }

  /** Embeddings of revisions in (after, upTo], in their order. */
  *rows(after: number, upTo: number): Generator<RevisedEmbedding> {
    const page = this.#database.prepare<[number, number], StoredEmbedding>(
      `select revision, branches, crc ${EMBEDDINGS} where revision > ? and revision <= ? order by revision limit ${PAGE}`,
    );
    for (let rows = page.all(after, upTo); rows.length > 0; rows = page.all(rows.at(-1)!.revision, upTo)) {
      for (const row of rows) if (this.#isWhole(row)) yield this.#read(row);
    }
  }

  /** What is left of (after, upTo], from one end to the other in long steps: a sample of all of them at any moment. */
  spread(after: number, upTo: number): number[] {
    const inOrder = this.#database
      .prepare<[number, number], number>(
        "select revision from revision where revision > ? and revision <= ? order by revision",
      )
      .pluck()
      .all(after, upTo);
    return spreadOut(inOrder);
  }

  /**
   * Rows whose paths lie under a folder of the indexed one, in the order of their paths.
   * @param folder all where empty
   * @param accepts further paths to leave out; their embeddings are not read
   */
  *rowsUnder(folder: string, accepts: (path: string) => boolean = () => true): Generator<RevisedEmbedding> {
    // "0" comes after "/".
    const [start, end] = folder === "" ? ["", "\u{10ffff}"] : [`${folder}/`, `${folder}0`];
    const page = this.#database.prepare<[string, string], StoredImage>(
      `select revision, path, branches, crc ${IMAGES} where path > ? and path < ? order by path limit ${PAGE}`,
    );
    for (let rows = page.all(start, end); rows.length > 0; rows = page.all(rows.at(-1)!.path, end)) {
      for (const row of rows) if (isInside(row.path) && accepts(row.path) && this.#isWhole(row)) yield this.#read(row);
    }
  }

  /** Those of some revisions that are still there. */
  *find(revisions: Iterable<number>): Generator<RevisedEmbedding & { readonly path: string }> {
    const one = this.#database.prepare<[number], StoredImage>(
      `select revision, path, branches, crc ${IMAGES} where revision = ?`,
    );
    for (const revision of revisions) {
      const row = one.get(revision);
      if (row !== undefined && isInside(row.path) && this.#isWhole(row)) yield { ...this.#read(row), path: row.path };
    }
  }

  /** The embedding of an image, a copy. */
  embeddingOf(path: string): Float32Array | undefined {
    const row = this.#database
      .prepare<[string], Omit<StoredEmbedding, "revision">>(
        "select branches, crc from image join embedding on image.id = image_id where path = ?",
      )
      .get(path);
    if (row === undefined || !this.#isWhole(row)) return undefined;
    const embedding = new Float32Array(this.#embedding.length);
    fromFloat16(row.branches, embedding);
    return embedding;
  }

  close(): void {
    this.#database.close();
  }

  /** A damaged embedding is passed over: the next update makes it again. */
  #isWhole({ branches, crc }: Omit<StoredEmbedding, "revision">): boolean {
    return isWhole(branches, crc, this.#embedding.length);
  }

  #read({ revision, branches }: StoredEmbedding): RevisedEmbedding {
    fromFloat16(branches, this.#embedding);
    return { revision, embedding: this.#embedding };
  }
}
