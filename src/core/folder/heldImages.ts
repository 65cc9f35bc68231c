import { totalmem } from "node:os";
import type { Store } from "../index/index.ts";
import {
  CoarseGallery,
  type CoarseQuery,
  coarseBytes,
  coarseKernel,
  type ExactSearch,
  Gallery,
  type WasmModule,
} from "../search/index.ts";

/** Bytes of embeddings that are held in memory where the user says nothing: a quarter of what the machine has. */
const DEFAULT_MEMORY = totalmem() / 4;
/** Bytes of float32 from which on images are held as codes: below, going through all of them as they are is as fast. */
const CODES_FROM = 200 * 2 ** 20;
/** Bytes of an image beside its codes: where it lies in the store. */
const PLACE_BYTES = 16;

/** Images of an index in memory, whichever way. */
export interface HeldImages {
  readonly count: number;
  pathOf(row: number): string;
  rowOf(path: string): number | undefined;
  set(path: string, embedding: Float32Array, key?: number, mark?: number): void;
  delete(path: string): void;
  /** Of each image, every branch as float32 `[dim]` of norm 1, copies; undefined for one that is not there. */
  branchesOf(paths: readonly string[]): Promise<readonly (Float32Array[] | undefined)[]>;
  /** All images that may be in one of a query's lists, or more. @throws ScanError */
  candidates(query: CoarseQuery): Promise<Gallery>;
  close(): Promise<void>;
}

export interface HoldOptions {
  /** Bytes that the embeddings in memory may take; a quarter of the machine's where absent. */
  readonly memory?: number | undefined;
  /** Bytes of float32 from which on codes are held, where they can be. */
  readonly codesFrom?: number | undefined;
  /** What searches codes; null where nothing does. */
  readonly kernel?: (() => WasmModule | null) | undefined;
}

/** How images are held: as they are, as codes beside a store that is read again; null where they do not fit either way. */
export function wayToHold(
  count: number,
  dims: readonly number[],
  { memory = DEFAULT_MEMORY, codesFrom = CODES_FROM, kernel = coarseKernel }: HoldOptions,
): "whole" | "codes" | null {
  const whole = 4 * count * dims.reduce((sum, dim) => sum + dim, 0);
  const codes = count * (coarseBytes(dims) + PLACE_BYTES);
  const fits = whole <= memory;
  if (fits && whole < codesFrom) return "whole";
  // Short branches are filled up: codes may take more than what they stand for.
  if (codes < whole && codes <= memory && kernel() !== null) return "codes";
  return fits ? "whole" : null;
}

/** Makes room for so many images. @throws RangeError where the machine has no memory left for them */
export function hold(
  way: "whole" | "codes",
  count: number,
  dims: readonly number[],
  store: Store,
  search: ExactSearch,
  { kernel = coarseKernel }: HoldOptions,
): HeldImages {
  if (way === "whole") return holdWhole(count, dims);
  const gallery = new CoarseGallery(dims, kernel()!, search, (images) => store.embeddingsOf(images));
  gallery.reserve(count);
  return gallery;
}

function holdWhole(count: number, dims: readonly number[]): HeldImages {
  const gallery = new Gallery(dims, count);
  return {
    get count() {
      return gallery.count;
    },
    pathOf: (row) => gallery.pathOf(row),
    rowOf: (path) => gallery.rowOf(path),
    set: (path, embedding) => gallery.set(path, embedding),
    delete: (path) => gallery.delete(path),
    async branchesOf(paths) {
      return paths.map((path) => {
        const row = gallery.rowOf(path);
        return row === undefined ? undefined : gallery.branches(row);
      });
    },
    candidates: async () => gallery,
    close: async () => {},
  };
}
