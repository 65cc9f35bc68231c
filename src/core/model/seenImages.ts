import type { TrainingProvenance } from "../../shared/index.ts";

/** Of each SHA-256. Of a million images and a million that are asked for, fewer than one in 200 models has a pair by chance. */
const BYTES = 6;
/** Images that are named, at most: those with the smallest numbers, so that what is below the last is told for sure. */
export const MOST_SEEN = 200_000;

/**
 * Names the images that a model learned from, in its own file: a model asked for images that it was trained on finds them too
 * well, and whoever measures it there must be told. Not the images can be read from it, only whether one that is at hand was there.
 * @param hashes SHA-256 of their files
 * @returns base64 of the first 6 bytes of each, sorted
 */
export function encodeSeen(hashes: Iterable<Uint8Array>): string {
  const numbers = [...new Set(Array.from(hashes, numberOf))].sort((a, b) => a - b).slice(0, MOST_SEEN);
  const bytes = Buffer.alloc(numbers.length * BYTES);
  for (const [i, number] of numbers.entries()) bytes.writeUIntBE(number, i * BYTES, BYTES);
  return bytes.toString("base64");
}

/** What a model was trained on, and what the model was trained on that it came from. */
export function joinSeen(...seen: readonly (string | undefined)[]): string {
  return encodeSeen(seen.flatMap((each) => [...hashesIn(each ?? "")]));
}

/** The images that a model learned from; null where its file does not say which. */
export class SeenImages {
  readonly #numbers: ReadonlySet<number>;

  private constructor(numbers: ReadonlySet<number>) {
    this.#numbers = numbers;
  }

  static of(training: TrainingProvenance | null): SeenImages | null {
    return training?.seen === undefined ? null : new SeenImages(new Set([...hashesIn(training.seen)].map(numberOf)));
  }

  /** @param hash SHA-256 of an image's file */
  has(hash: Uint8Array): boolean {
    return this.#numbers.has(numberOf(hash));
  }
}

function* hashesIn(seen: string): Generator<Uint8Array> {
  const bytes = Buffer.from(seen, "base64");
  for (let at = 0; at + BYTES <= bytes.length; at += BYTES) yield bytes.subarray(at, at + BYTES);
}

function numberOf(hash: Uint8Array): number {
  let number = 0;
  for (let i = 0; i < BYTES; i++) number = number * 256 + hash[i]!;
  return number;
}
