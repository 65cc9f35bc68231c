import type { MapQuality, ProjectionParameters } from "../../shared/index.ts";
import type { NeighbourTable } from "../neighbours/index.ts";
import { ProjectionError } from "./errors.ts";

/** The layouts of a set of images. Row i is the same image in every array. */
export interface Projection {
  readonly parameters: ProjectionParameters;
  readonly paths: readonly string[];
  /** uint32 `[count, 2]`: hashes of the embeddings it was made from. */
  readonly signatures: Uint32Array;
  /** Images left out because of their vectors. */
  readonly excluded: readonly string[];
  /** By branch name and `combined`: the nearest images in the descriptor space (see `EXACT_UP_TO`). Always of every column. */
  readonly tables: ReadonlyMap<string, NeighbourTable>;
  /** By branch name and `combined`; those that were asked for, and combined, on which they are aligned. */
  readonly maps: ReadonlyMap<string, ProjectionMap>;
  /** Rows added, changed or removed since the layouts were made as a whole. */
  readonly changes: number;
}

export interface ProjectionMap {
  /** float32 `[count, 2]`. */
  readonly points: Float32Array;
  readonly quality: MapQuality;
}

/** A map on its way, for a picture that grows. */
export interface LayoutUpdate {
  readonly descriptor: string;
  /** `pca` is the first view, `umap` the map as it grows. */
  readonly method: "pca" | "umap";
  /** 0..1; 1 is the map as it stays. */
  readonly done: number;
  /** float32 `[count, 2]`, the receiver's own. Points that are not placed yet are NaN. */
  readonly points: Float32Array;
}

export interface ProjectionProgress {
  readonly phase: "reading" | "neighbours" | "layout" | "quality";
  /** 0..1 of the phase. */
  readonly done: number;
}

/** How a projection is made, beside its parameters. */
export interface ProjectOptions {
  /** Branch names and `combined`: the maps that are wanted; all where absent. */
  readonly descriptors?: readonly string[] | undefined;
  /** An earlier projection of the same images with the same parameters. */
  readonly previous?: Projection | undefined;
  /** Up to so many images their neighbours are searched exactly; `EXACT_UP_TO` where absent. */
  readonly exactUpTo?: number | undefined;
  /** Stops within a chunk of the search or at once in the layout. */
  readonly signal?: AbortSignal | undefined;
  readonly onLayout?: ((update: LayoutUpdate) => void) | undefined;
  readonly onProgress?: ((progress: ProjectionProgress) => void) | undefined;
}

/** @throws ProjectionError that names the parameter and its range */
export function checkParameters({ neighbours, minDist, seed, sample }: ProjectionParameters): void {
  const whole = (value: number, low: number, high: number) => Number.isInteger(value) && value >= low && value <= high;
  if (!whole(neighbours, 2, 200)) {
    throw new ProjectionError(`neighbours is ${neighbours}. Choose a whole number from 2 to 200.`);
  }
  if (!(minDist >= 0 && minDist <= 0.99)) {
    throw new ProjectionError(`The min distance is ${minDist}. Choose a number from 0 to 0.99.`);
  }
  if (!whole(seed, 0, 2 ** 32 - 1)) throw new ProjectionError(`The seed is ${seed}. Choose a whole number from 0 on.`);
  if (sample !== null && !whole(sample, 1, Number.MAX_SAFE_INTEGER)) {
    throw new ProjectionError(`The sample is ${sample}. Choose a whole number from 1 on.`);
  }
}
