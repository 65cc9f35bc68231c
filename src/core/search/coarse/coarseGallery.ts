import { QueryError } from "../errors.ts";
import type { ExactSearch } from "../exactSearch.ts";
import { Gallery, normalise } from "../gallery.ts";
import { RowNames } from "../rowNames.ts";
import { type CoarseQuery, columnsOf, likely, possible } from "./columns.ts";
import { limitsOf } from "./limits.ts";
import { Findings } from "./scan.ts";
import { ScanPool } from "./scanPool.ts";
import { CodedRows } from "./segments.ts";
import type { WasmModule } from "./webAssembly.ts";

/** Rows that are scored at once: with 3 x 512 values 25 MB. */
const CHUNK = 4096;
/** Of so many more rows the likely ones are scored first. */
const WORTH_TWO = 32;
/** Searches that begin anew because what they found has changed, one after the other. */
const MOST_TRIES = 16;

const NOTHING = new Findings(new Uint32Array());

/** Where an image is read: its key in the store, 0 where that is not known. */
export interface StoredPlace {
  readonly path: string;
  readonly key: number;
}

/** An image as the store has it. */
export interface ReadImage {
  readonly key: number;
  /** Another one where the embedding has changed. */
  readonly mark: number;
  /** float32 `[sum of dims]`. */
  readonly embedding: Float32Array;
}

/** Null for an image that is no more. */
export type ReadAgain = (images: readonly StoredPlace[]) => Promise<readonly (ReadImage | null)[]>;

/**
 * The embeddings of an index in memory as codes of eight bits, and as they are in the store. A search goes through the codes, of which it
 * knows how far each score may be off, reads what can be in a list from the store, and hands that to the exact search: the lists are
 * those of a gallery of all images. What changed in the store meanwhile has other codes; it is taken over, and the search begins anew.
 */
export class CoarseGallery {
  readonly dims: readonly number[];
  readonly #names = new RowNames();
  readonly #keys: number[] = [];
  /** Marks of what the codes were made of, or compared with; no number where there was none yet. */
  readonly #marks: number[] = [];
  readonly #rows: CodedRows;
  readonly #branches: readonly Float32Array[];
  readonly #search: ExactSearch;
  readonly #read: ReadAgain;
  readonly #pool: ScanPool;

  /**
   * @param search of these branches
   * @param segmentBytes of each part of the memory at most
   */
  constructor(
    dims: readonly number[],
    module: WasmModule,
    search: ExactSearch,
    read: ReadAgain,
    segmentBytes?: number,
  ) {
    this.dims = dims;
    this.#search = search;
    this.#read = read;
    this.#rows = new CodedRows(dims, segmentBytes);
    this.#branches = dims.map((dim) => new Float32Array(dim));
    this.#pool = new ScanPool(module, this.#rows);
  }

  get count(): number {
    return this.#names.count;
  }

  rowOf(path: string): number | undefined {
    return this.#names.rowOf(path);
  }

  pathOf(row: number): string {
    return this.#names.pathOf(row);
  }

  /** Makes room for so many images. @throws RangeError where there is no memory left */
  reserve(count: number): void {
    this.#rows.reserve(count);
  }

  /**
   * @param embedding float32, the branches side by side, as the store has it
   * @param key by which the store finds it; 0 where that is not known
   * @param mark of this embedding in the store
   */
  set(path: string, embedding: Float32Array, key = 0, mark = Number.NaN): void {
    const known = this.#names.rowOf(path);
    if (known === undefined) this.#rows.reserve(this.count + 1);
    const row = known ?? this.#names.add(path);
    this.#keys[row] = key;
    this.#marks[row] = mark;
    this.#rows.set(row, this.#split(embedding));
  }

  /** The last row moves into the gap, as in any gallery. */
  delete(path: string): void {
    const gap = this.#names.delete(path);
    if (gap === undefined) return;
    const [key, mark] = [this.#keys.pop()!, this.#marks.pop()!];
    if (gap.row === gap.from) return;
    this.#keys[gap.row] = key;
    this.#marks[gap.row] = mark;
    this.#rows.move(gap.from, gap.row);
  }

  /**
   * A gallery of all images that may be in one of a query's lists, in the order of the rows here.
   * @throws ScanError where a thread of the search failed
   */
  async candidates(query: CoarseQuery): Promise<Gallery> {
    for (let tries = 0; ; tries++) {
      const found = await this.#find(query, tries < MOST_TRIES);
      if (found !== null) return found;
      // Rows may have other numbers.
      query.read?.clear();
    }
  }

  /** The branches of images as the store has them now; undefined for one that is here no more, or there. */
  async branchesOf(paths: readonly string[]): Promise<(Float32Array[] | undefined)[]> {
    // By their paths: the key of an image that is no more may have gone to another one.
    const read = await this.#read(paths.map((path) => ({ path, key: 0 })));
    return paths.map((path, i) => {
      const one = read[i];
      return one == null || this.rowOf(path) === undefined
        ? undefined
        : this.#split(one.embedding).map((branch) => branch.slice());
    });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** @returns null where what was found has changed, which is taken over where it may */
  async #find(query: CoarseQuery, mayBeginAnew: boolean): Promise<Gallery | null> {
    const { count } = this;
    const allowed = this.#allowed(query);
    const asked = columnsOf(query, count, allowed !== undefined);
    const wanted = new Set(query.also?.flatMap((path) => this.#names.rowOf(path) ?? []));
    if (asked.even) for (const row of firstRows(count, query.k, allowed)) wanted.add(row);
    if (allowed !== undefined) this.#rows.allow(allowed);
    const findings = count === 0 ? NOTHING : possible(await this.#pool.scan(asked.scan), asked);
    const rows = new Set(wanted);
    for (let i = 0; i < findings.count; i++) rows.add(findings.row(i));
    const held = query.read ?? new Map<number, Float32Array>();
    const get = (some: Iterable<number>) => this.#get([...some], held, mayBeginAnew);

    if (rows.size > CHUNK) {
      // A folder of copies: nobody can tell them apart before they were scored.
      const best = await this.#bestOf(
        [...rows].sort((a, b) => a - b),
        query,
        get,
        held,
      );
      if (best === null || !(await get([...wanted, ...best]))) return null;
      return this.#galleryOf([...new Set([...wanted, ...best])], held);
    }
    const first = likely(findings, asked);
    if (rows.size - first.size > WORTH_TWO) {
      if (!(await get(first))) return null;
      const unbeaten = findings.above(
        limitsOf(
          [...first].map((row) => held.get(row)!),
          query.branches,
          asked,
        ),
      );
      rows.clear();
      for (const row of [...wanted, ...first]) rows.add(row);
      for (let i = 0; i < unbeaten.count; i++) rows.add(unbeaten.row(i));
    }
    return (await get(rows)) ? this.#galleryOf([...rows], held) : null;
  }

  #allowed({ within }: CoarseQuery): Uint8Array | undefined {
    if (within === undefined) return undefined;
    return Uint8Array.from({ length: this.count }, (_, row) => Number(within(row)));
  }

  /** Of many rows those that are in a list. */
  async #bestOf(
    rows: readonly number[],
    { branches, k, shares, combinedEnds = false }: CoarseQuery,
    get: (rows: readonly number[]) => Promise<boolean>,
    held: Map<number, Float32Array>,
  ): Promise<number[] | null> {
    let lists = Array.from({ length: branches.length + 1 }, () => [] as { row: number; score: number }[]);
    let last: { row: number; score: number } | undefined;
    for (let at = 0; at < rows.length; at += CHUNK) {
      const part = rows.slice(at, at + CHUNK);
      if (!(await get(part))) return null;
      const result = await this.#search.run(branches, this.#galleryOf(part, held), k, { shares });
      held.clear();
      lists = lists.map((list, column) => {
        const { scores, top } = result[column]!;
        const found = top.map((i) => ({ row: part[i]!, score: scores[i]! }));
        // Of equal scores the lower row stays first.
        return [...list, ...found].sort((a, b) => b.score - a.score || a.row - b.row).slice(0, k);
      });
      for (const [i, score] of combinedEnds ? result.at(-1)!.scores.entries() : []) {
        if (last === undefined || score < last.score) last = { row: part[i]!, score };
      }
    }
    return [...new Set([...lists.flat(), ...(last === undefined ? [] : [last])].map(({ row }) => row))];
  }

  #galleryOf(rows: number[], held: ReadonlyMap<number, Float32Array>): Gallery {
    const gallery = new Gallery(this.dims, rows.length);
    for (const row of rows.sort((a, b) => a - b)) gallery.set(this.pathOf(row), held.get(row)!);
    return gallery;
  }

  /**
   * Reads rows from the store.
   * @returns false where some have changed: rows have other numbers then
   */
  async #get(rows: readonly number[], held: Map<number, Float32Array>, mayBeginAnew: boolean): Promise<boolean> {
    const missing = rows.filter((row) => !held.has(row));
    if (missing.length === 0) return true;
    const places = missing.map((row) => ({ path: this.pathOf(row), key: this.#keys[row]! }));
    const read = await this.#read(places);
    const changed: string[] = [];
    for (const [i, row] of missing.entries()) {
      const one = read[i];
      // What has the same codes has the same bounds.
      const same = one != null && (one.mark === this.#marks[row] || this.#rows.is(row, this.#split(one.embedding)));
      if (!same) {
        changed.push(places[i]!.path);
        continue;
      }
      this.#keys[row] = one.key;
      this.#marks[row] = one.mark;
      held.set(row, one.embedding);
    }
    if (changed.length === 0) return true;
    // A key may have gone to another image; the path is what counts.
    const now = await this.#read(changed.map((path) => ({ path, key: 0 })));
    for (const [i, path] of changed.entries()) {
      const one = now[i];
      if (one == null) this.delete(path);
      else this.set(path, one.embedding, one.key, one.mark);
    }
    if (!mayBeginAnew) throw new QueryError("The index changes faster than it can be searched. Try again.");
    return false;
  }

  /** Into arrays that are used again. */
  #split(embedding: Float32Array): readonly Float32Array[] {
    let offset = 0;
    for (const branch of this.#branches) {
      for (let i = 0; i < branch.length; i++) branch[i] = embedding[offset + i]!;
      normalise(branch);
      offset += branch.length;
    }
    return this.#branches;
  }
}

/** Of rows that all score the same: the first, as everywhere. */
function firstRows(count: number, k: number, allowed: Uint8Array | undefined): number[] {
  const rows: number[] = [];
  for (let row = 0; row < count && rows.length < k; row++)
    if (allowed === undefined || allowed[row] !== 0) rows.push(row);
  return rows;
}
