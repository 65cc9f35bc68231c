import { type ExactSearch, Gallery } from "../../search/index.ts";
import {
  type BuildProgress,
  type CandidateQuery,
  combinedQuery,
  exactCandidates,
  type KeyedEmbedding,
} from "../candidates/index.ts";
import { isInside } from "../insideOnly.ts";
import type { PastMemorySearch } from "../place.ts";
import { rowsOf } from "./answers.ts";
import type { Database } from "./database.ts";
import { buildGraphs, graphsOf } from "./graphs.ts";
import { pagesOf, type Reader } from "./reading.ts";
import { type PostgresIndex, readInto, textOf, vectorColumns } from "./rows.ts";
import { type PathRow, rowsByPath } from "./rowsByPath.ts";

/** Candidates per column, from the length of the lists. */
const candidatesFor = (k: number) => Math.max(256, 4 * k);
/** The most that pgvector looks at by itself (`hnsw.ef_search`). */
const MOST_LOOKED_AT = 1000;

interface Options {
  readonly warn: (message: string) => void;
  readonly candidates?: ((k: number) => number) | undefined;
}

/**
 * The search of an index in a database that does not fit into memory. The server's graphs (pgvector's HNSW, one per branch and one
 * for combined) propose candidates; these, with their embeddings, become a gallery, over which the search is exact. The server
 * keeps its graphs up to date by itself, so a search sees every change. Without them everything is read: slower, and exact.
 */
export class PostgresCandidates implements PastMemorySearch {
  readonly buildsUnasked = false;
  readonly #database: Database;
  readonly #index: PostgresIndex;
  readonly #dims: readonly number[];
  readonly #search: ExactSearch;
  readonly #candidatesFor: (k: number) => number;
  readonly #warn: (message: string) => void;
  readonly #abort = new AbortController();
  #building: Promise<void> | null = null;

  constructor(
    database: Database,
    index: PostgresIndex,
    dims: readonly number[],
    search: ExactSearch,
    { warn, candidates = candidatesFor }: Options,
  ) {
    this.#database = database;
    this.#index = index;
    this.#dims = dims;
    this.#search = search;
    this.#warn = warn;
    this.#candidatesFor = candidates;
  }

  async embeddingOf(path: string): Promise<Float32Array | undefined> {
    const embedding = new Float32Array(this.#index.dim);
    const [row] = await rowsByPath(this.#database, this.#index, [path]);
    return row !== undefined && readInto(row, embedding) ? embedding : undefined;
  }

  async candidates(query: CandidateQuery, under = "", accepts?: (path: string) => boolean): Promise<Gallery> {
    const near = under === "" && accepts === undefined ? await this.#nearest(query) : null;
    const paths = near ?? (await exactCandidates(this.#all(under, accepts), query, this.#search));
    const gallery = new Gallery(this.#dims);
    gallery.reserve(paths.size);
    const embedding = new Float32Array(this.#index.dim);
    for (const row of await rowsByPath(this.#database, this.#index, [...paths].filter(isInside)))
      if (readInto(row, embedding)) gallery.set(row.path, embedding);
    return gallery;
  }

  /** null where the server has no graphs for it. */
  async #nearest(query: CandidateQuery): Promise<Set<string> | null> {
    if (!this.#index.vectors) return null;
    const graphs = await graphsOf(this.#database, this.#index, this.#dims);
    if (graphs.length === 0 || graphs.some(({ ready }) => !ready)) return null;
    const limit = this.#candidatesFor(query.k);
    const columns = [...query.branches, combinedQuery(query)];
    return this.#database.transaction(async (client) => {
      const found = new Set<string>();
      await client.query("select set_config('hnsw.ef_search', $1, true)", [String(Math.min(MOST_LOOKED_AT, limit))]);
      for (const [c, { expression, type }] of graphs.entries()) {
        const answer = await client.query(
          `select path from lookalike.image where index_id = ${this.#index.id} and embedding is not null
           order by ${expression} <#> $1::${type} limit $2`,
          [textOf(columns[c]!), limit],
        );
        for (const { path } of rowsOf<{ path: string }>(answer)) found.add(path);
      }
      // Written before the server had pgvector.
      const answer = await client.query("select path from lookalike.image where index_id = $1 and embedding is null", [
        this.#index.id,
      ]);
      for (const { path } of rowsOf<{ path: string }>(answer)) found.add(path);
      return found;
    });
  }

  async *#all(under: string, accepts: (path: string) => boolean = () => true): AsyncGenerator<KeyedEmbedding<string>> {
    const embedding = new Float32Array(this.#index.dim);
    const columns = `path, ${vectorColumns(this.#index.vectors)}`;
    const read: Reader = (text, values, most, check) => this.#database.query(text, values, 1, most, check);
    for await (const row of pagesOf<PathRow>(read, this.#index.id, columns, under)) {
      if (accepts(row.path) && readInto(row, embedding)) yield { key: row.path, embedding };
    }
  }

  /** Where this user may: a reader searches without. */
  build(onProgress: (progress: BuildProgress) => void = () => {}): Promise<void> {
    const { signal } = this.#abort;
    const options = { onProgress, warn: this.#warn, signal };
    this.#building ??= buildGraphs(this.#database, this.#index, this.#dims, options).finally(() => {
      this.#building = null;
    });
    return this.#building;
  }

  /** Ends a build; the graphs that it has finished stay. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#building?.catch(() => {});
  }
}
