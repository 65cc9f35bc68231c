import { promises as fs, mkdirSync } from "node:fs";
import { loadUsearch, type Usearch } from "../../hnsw/index.ts";
import { type ExactSearch, Gallery } from "../../search/index.ts";
import { lockRuns } from "../runLock.ts";
import { buildSegment, type SegmentRange } from "./buildSegment.ts";
import { type CandidateQuery, exactCandidates, type KeyedEmbedding } from "./exactCandidates.ts";
import { type RevisedEmbedding, Revisions } from "./revisions.ts";
import { readSegments, type Segment, writeSegments } from "./segments.ts";

/** Candidates per column, from the length of the lists. */
const candidatesFor = (k: number) => Math.max(256, 4 * k);
/** Of a segment's rows; where more of them have changed or gone, it is built anew. */
const MOST_STALE = 0.25;
/** Bytes of memory that building a segment may take. */
const BUILD_MEMORY = 256 * 2 ** 20;
/** Links and keys of a node. */
const NODE_BYTES = 160;

export interface PastMemoryOptions {
  readonly warn: (message: string) => void;
  /** How usearch is loaded; null where it has no build. */
  readonly load?: () => Promise<Usearch | null>;
  /** Most rows of a segment; by default as many as `BUILD_MEMORY` takes. */
  readonly segmentRows?: number | undefined;
  /** Rows that are scanned rather than put into a segment. */
  readonly tailRows?: number | undefined;
  /** Candidates per column, from the length of the lists. */
  readonly candidates?: ((k: number) => number) | undefined;
}

export interface BuildProgress {
  readonly done: number;
  readonly total: number;
}

/** Where the segments of an index lie: beside its file, under a name by which they are deleted with it. */
export function candidatesFolder(place: string): string {
  return place.replace(/(\.sqlite)?$/, ".candidates");
}

/**
 * The search of an index that does not fit into memory. Segments on disk propose candidates; what is proposed is looked up
 * in the database, where an embedding that changed since has another revision and so is not found. What is newer than the
 * segments is scanned. The candidates, with their embeddings, become a gallery, over which the search is exact: a score is
 * always that of the database's embedding, and only the lists' completeness is approximate. Where there are no segments
 * (yet, or ever), everything is scanned: slower, and exact.
 */
export class PastMemory {
  readonly buildsUnasked = true;
  readonly #revisions: Revisions;
  readonly #dims: readonly number[];
  readonly #search: ExactSearch;
  readonly #folder: string;
  readonly #usearch: Usearch | null;
  readonly #segmentRows: number;
  readonly #tailRows: number;
  readonly #candidatesFor: (k: number) => number;
  readonly #abort = new AbortController();
  #segments: Segment[] = [];
  /** State of the manifest when it was read. */
  #manifest = "";
  #building: Promise<void> | null = null;

  /** @param place file of a store that is open */
  static async open(
    place: string,
    dims: readonly number[],
    search: ExactSearch,
    options: PastMemoryOptions,
  ): Promise<PastMemory> {
    const usearch = await (options.load ?? loadUsearch)();
    if (usearch === null) {
      options.warn(
        `The index ${place} is larger than lookalike.search.memory, and usearch, which would make searching it fast, cannot ` +
          "be loaded on this platform. Every search reads the whole index.",
      );
    }
    return new PastMemory(place, dims, search, usearch, options);
  }

  private constructor(
    place: string,
    dims: readonly number[],
    search: ExactSearch,
    usearch: Usearch | null,
    { segmentRows, tailRows = 4096, candidates = candidatesFor }: PastMemoryOptions,
  ) {
    const dim = dims.reduce((sum, each) => sum + each, 0);
    this.#revisions = new Revisions(place, dim);
    this.#dims = dims;
    this.#search = search;
    this.#folder = candidatesFolder(place);
    this.#usearch = usearch;
    this.#segmentRows = segmentRows ?? Math.floor(BUILD_MEMORY / (4 * dim + NODE_BYTES * (dims.length + 1)));
    this.#tailRows = tailRows;
    this.#candidatesFor = candidates;
  }

  /** How many rows the segments cover, and how many there are in all. */
  coverage(): { readonly rows: number; readonly covered: number } {
    const covered = this.#segments.at(-1)?.upTo ?? 0;
    return {
      rows: this.#revisions.count(0, Number.MAX_SAFE_INTEGER),
      covered: this.#revisions.count(0, covered),
    };
  }

  embeddingOf(path: string): Float32Array | undefined {
    return this.#revisions.embeddingOf(path);
  }

  /**
   * The images that may be in one of a query's lists.
   * @param under only images under this folder, exactly
   * @param accepts only these images, exactly
   */
  async candidates(query: CandidateQuery, under = "", accepts?: (path: string) => boolean): Promise<Gallery> {
    await this.#readManifest();
    const found =
      under === "" && accepts === undefined
        ? await this.#everywhere(query)
        : await this.#scan(this.#revisions.rowsUnder(under, accepts), query);
    const gallery = new Gallery(this.#dims);
    gallery.reserve(found.size);
    for (const { path, embedding } of this.#revisions.find(found)) gallery.set(path, embedding);
    return gallery;
  }

  async #everywhere(query: CandidateQuery): Promise<Set<number>> {
    const rows = this.#segments.reduce((sum, segment) => sum + segment.rows, 0);
    const live = this.#revisions.count(0, this.#segments.at(-1)?.upTo ?? 0);
    const wanted = this.#candidatesFor(query.k);
    // Rows that are no more take places among the candidates.
    const k = live === 0 ? 0 : Math.ceil((wanted * rows) / live);
    const columns = [...query.branches, combinedQuery(query)];
    const found = new Set(columns.flatMap((column, c) => this.#nearest(c, column, k)));
    const tail = this.#revisions.rows(this.#segments.at(-1)?.upTo ?? 0, Number.MAX_SAFE_INTEGER);
    for (const revision of await this.#scan(tail, query)) found.add(revision);
    return found;
  }

  /** Revisions of about the `k` rows that score highest in a column, over all segments. */
  #nearest(column: number, query: Float32Array, k: number): number[] {
    if (k === 0) return [];
    const found = this.#segments.flatMap(({ indexes }) => {
      const { keys, distances } = indexes[column]!.nearest(query, k);
      return Array.from(keys, (key, i) => ({ revision: Number(key), distance: distances[i]! }));
    });
    found.sort((a, b) => a.distance - b.distance);
    return found.slice(0, k).map(({ revision }) => revision);
  }

  #scan(rows: Iterable<RevisedEmbedding>, query: CandidateQuery): Promise<Set<number>> {
    return exactCandidates(keyed(rows), query, this.#search);
  }

  /** Brings the segments up to date with the database. A second call joins the first. Searches go on meanwhile. */
  build(onProgress: (progress: BuildProgress) => void = () => {}): Promise<void> {
    this.#building ??= this.#build(onProgress).finally(() => {
      this.#building = null;
    });
    return this.#building;
  }

  async #build(onProgress: (progress: BuildProgress) => void): Promise<void> {
    const usearch = this.#usearch;
    const { signal } = this.#abort;
    await this.#readManifest();
    if (usearch === null || this.#next() === null) return;
    // Two processes would do the same work twice.
    mkdirSync(this.#folder, { recursive: true });
    const unlock = await lockRuns(this.#folder, { signal });
    try {
      await this.#readManifest();
      let done = 0;
      for (let next = this.#next(); next !== null; next = this.#next()) {
        const from = next.range;
        const total = done + this.#revisions.count(from.after, Number.MAX_SAFE_INTEGER);
        const built = await buildSegment(this.#revisions, from, this.#folder, this.#dims, usearch, signal, (rows) => {
          done += rows;
          onProgress({ done, total });
        });
        const segments = this.#segments.toSpliced(next.at, next.replaced, ...(built === null ? [] : [built]));
        await this.#write(segments);
      }
    } finally {
      unlock();
    }
  }

  async #write(segments: Segment[]): Promise<void> {
    // What stays of the range of an empty segment goes to its successor: ranges are a chain.
    const chain: Segment[] = [];
    for (const segment of segments) chain.push({ ...segment, after: chain.at(-1)?.upTo ?? 0 });
    await writeSegments(this.#folder, this.#revisions.epoch, this.#dims, chain);
    this.#segments = chain;
    this.#manifest = await this.#manifestState();
  }

  /** What is to be built next: which range, in the place of which segments. */
  #next(): { readonly range: SegmentRange; readonly at: number; readonly replaced: number } | null {
    for (const [at, { after, upTo, rows }] of this.#segments.entries()) {
      if (this.#revisions.count(after, upTo) < (1 - MOST_STALE) * rows)
        return { range: { after, upTo }, at, replaced: 1 };
    }
    const last = this.#segments.at(-1);
    const covered = last?.upTo ?? 0;
    const tail = this.#revisions.count(covered, Number.MAX_SAFE_INTEGER);
    if (tail < this.#tailRows) return null;
    // A small last segment grows by being built again, each time by a quarter at least: that keeps both the number of
    // segments and the work small.
    const grows = last !== undefined && last.rows < (1 - MOST_STALE) * this.#segmentRows;
    if (grows && tail < MOST_STALE * last.rows) return null;
    const after = grows ? last.after : covered;
    const at = this.#segments.length - (grows ? 1 : 0);
    return { range: { after, upTo: this.#revisions.endOf(after, this.#segmentRows) }, at, replaced: grows ? 1 : 0 };
  }

  /** Another process may have built segments, or this database may be a new one. */
  async #readManifest(): Promise<void> {
    if (this.#usearch === null) return;
    const state = await this.#manifestState();
    if (state === this.#manifest) return;
    this.#segments = await readSegments(this.#folder, this.#revisions.epoch, this.#dims, this.#usearch);
    // Numbers that were not given yet: the database was put back to an older state.
    if ((this.#segments.at(-1)?.upTo ?? 0) > this.#revisions.given()) this.#segments = [];
    this.#manifest = state;
  }

  async #manifestState(): Promise<string> {
    try {
      const { mtimeMs, size, ino } = await fs.stat(`${this.#folder}/manifest.json`);
      return `${mtimeMs} ${size} ${ino}`;
    } catch {
      return "";
    }
  }

  /** Ends a build at its next batch; what it has finished stays. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#building?.catch(() => {});
    this.#revisions.close();
  }
}

function* keyed(rows: Iterable<RevisedEmbedding>): Generator<KeyedEmbedding<number>> {
  for (const { revision, embedding } of rows) yield { key: revision, embedding };
}

/**
 * The branches side by side, each times its share: by inner product with the branches of an image side by side this gives the
 * weighted combined score. The best of it need not be among the best of any branch: without a graph of its own, an eighth of
 * the lists was missed at 1,000,000 images.
 */
export function combinedQuery({ branches, shares }: CandidateQuery): Float32Array {
  return Float32Array.from(
    branches.flatMap((branch, b) => Array.from(branch, (value) => value * (shares?.[b] ?? 1 / branches.length))),
  );
}
