import type { NeighbourTable } from "./neighbourSearch.ts";

/** The neighbour tables of a set of images: row i of each is the image of path i. */
export interface NeighboursOfImages {
  readonly paths: readonly string[];
  /** By branch name and `combined`. */
  readonly tables: ReadonlyMap<string, NeighbourTable>;
}

/** An image near to another one in a descriptor space. */
export interface Neighbour {
  readonly row: number;
  readonly path: string;
  /** Cosine. */
  readonly score: number;
}

/**
 * The nearest images of a point in a descriptor space, not in the map, from the best down.
 * @param k at most so many; as many as the tables hold
 * @throws RangeError where there is no such row or descriptor
 */
export function neighboursOf(all: NeighboursOfImages, descriptor: string, row: number, k: number): Neighbour[] {
  const table = tableOf(all, descriptor);
  if (!Number.isInteger(row) || row < 0 || row >= table.count) {
    throw new RangeError(`Row ${row} of ${table.count} images`);
  }
  return Array.from({ length: Math.min(k, table.k) }, (_, i) => {
    const neighbour = table.indices[row * table.k + i]!;
    return { row: neighbour, path: all.paths[neighbour]!, score: table.scores[row * table.k + i]! };
  });
}

/**
 * How much each image's neighbourhood differs between two descriptors: 1 - the Jaccard index of its k nearest images in
 * the one and in the other space; 0 is the same set, 1 has nothing in common.
 * @returns float32 `[count]`
 * @throws RangeError where there is no such descriptor
 */
export function moved(all: NeighboursOfImages, one: string, other: string, k: number): Float32Array {
  const a = tableOf(all, one);
  const b = tableOf(all, other);
  const width = Math.min(k, a.k, b.k);
  const seen = new Int32Array(a.count).fill(-1);
  return Float32Array.from({ length: a.count }, (_, row) => {
    if (width === 0) return 0;
    for (let i = 0; i < width; i++) seen[a.indices[row * a.k + i]!] = row;
    let shared = 0;
    for (let i = 0; i < width; i++) if (seen[b.indices[row * b.k + i]!] === row) shared++;
    return 1 - shared / (2 * width - shared);
  });
}

/**
 * Share of each image's k nearest images in a descriptor space that have its label; neighbours without one are not counted.
 * @param labels int32 `[count]`; below 0 is none
 * @returns float64 `[count]`, 0..1; NaN where the image or all of its neighbours have no label
 * @throws RangeError where there is no such descriptor
 */
export function labelAgreement(
  all: NeighboursOfImages,
  descriptor: string,
  labels: Int32Array,
  k: number,
): Float64Array {
  const table = tableOf(all, descriptor);
  const width = Math.min(k, table.k);
  return Float64Array.from({ length: table.count }, (_, row) => {
    const own = labels[row]!;
    if (own < 0) return Number.NaN;
    let [same, counted] = [0, 0];
    for (let i = 0; i < width; i++) {
      const label = labels[table.indices[row * table.k + i]!]!;
      if (label >= 0) counted++;
      if (label === own) same++;
    }
    return same / counted;
  });
}

function tableOf({ tables }: NeighboursOfImages, descriptor: string): NeighbourTable {
  const table = tables.get(descriptor);
  if (table === undefined) {
    throw new RangeError(`No descriptor "${descriptor}" among ${[...tables.keys()].join(", ")}`);
  }
  return table;
}
