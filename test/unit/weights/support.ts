import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { EmbeddingSource } from "../../../src/core/search/index.ts";

const DIM = 8;

export interface MadeUp {
  /** Spread of a branch around the middle of its class, by branch; a large one is noise. */
  readonly spread: readonly number[];
  readonly classes: number;
  readonly each: number;
  readonly seed?: number;
}

/** An index in memory: branches that know the classes of images more or less well. */
export function madeUp({ spread, classes, each, seed = 1 }: MadeUp): {
  readonly source: EmbeddingSource;
  /** The class of each image. */
  readonly labels: Map<string, readonly string[]>;
} {
  const random = xoroshiro128plus(seed);
  const value = () => (random.next() >>> 0) / 2 ** 31 - 1;
  const middles = Array.from({ length: classes }, () => Array.from({ length: spread.length * DIM }, value));
  const images = new Map<string, Float32Array>();
  const labels = new Map<string, readonly string[]>();
  for (const [c, middle] of middles.entries()) {
    for (let i = 0; i < each; i++) {
      const path = `${String(i).padStart(2, "0")}-${c}.png`;
      images.set(
        path,
        Float32Array.from(middle, (x, j) => x + spread[Math.floor(j / DIM)]! * value()),
      );
      labels.set(path, [`class ${c}`]);
    }
  }
  const descriptors = spread.map((_, b) => `branch_${b}`);
  const source = sourceOf(images, descriptors);
  return { source, labels };
}

export function sourceOf(images: ReadonlyMap<string, Float32Array>, descriptors: readonly string[]): EmbeddingSource {
  return {
    model: { name: "test", fingerprint: "f00d", descriptors },
    dims: descriptors.map(() => DIM),
    place: "/nowhere/index.sqlite",
    paths: async () => [...images.keys()],
    async *embeddings() {
      for (const [path, embedding] of images) yield { path, embedding };
    },
  };
}
