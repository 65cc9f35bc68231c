/** Rows that are compared, each with each: 32,640 pairs. */
const SAMPLE = 256;
/** With fewer rows nothing is said of what is chance. */
const LEAST = 16;
/** Of an image and a word. */
const LEAST_PAIRS = 200;
/** Deviations above the middle; of a normal distribution 1 in 741 lies higher. */
const DEVIATIONS = 3;
/** A median absolute deviation of 1 is a standard deviation of so much, for a normal distribution. */
const TO_DEVIATION = 1.4826;

const ROUNDS = 8;

/** Where random pairs score as a picture with itself does, as in a folder of copies, a limit would leave nothing above it. */
const AS_ITSELF = 0.999;

/**
 * Which scores pairs of images have by chance: up to the median of random pairs and three deviations. Pairs of one kind are among
 * them and must not count (up to a third of all): the deviation is taken from the scores below the median alone (1.4826 times their
 * median distance), and what lies above the limit is left out and the limit found anew.
 */
export class Chance {
  /** Cosines of the pairs, per branch. */
  readonly #pairs: readonly Float32Array[];

  private constructor(pairs: readonly Float32Array[]) {
    this.#pairs = pairs;
  }

  /** Rows that stand for `count` ones, evenly spread. */
  static sample(count: number): number[] {
    const size = Math.min(count, SAMPLE);
    return Array.from({ length: size }, (_, i) => Math.floor((i * count) / size));
  }

  /** @param rows the branches of images, each float32 `[dim]` of norm 1. @returns null where they are too few to tell */
  static of(rows: readonly (readonly Float32Array[])[]): Chance | null {
    if (rows.length < LEAST) return null;
    const branches = rows[0]!.length;
    const pairs = Array.from({ length: branches }, () => new Float32Array((rows.length * (rows.length - 1)) / 2));
    let at = 0;
    for (const [i, one] of rows.entries()) {
      for (let j = 0; j < i; j++) {
        for (let b = 0; b < branches; b++) pairs[b]![at] = dot(one[b]!, rows[j]![b]!);
        at++;
      }
    }
    return new Chance(pairs);
  }

  /**
   * The highest score of chance of words with images. A random word may be in some of them: those scores lie above, as pairs of
   * one kind do among images.
   * @returns null where there are too few to tell
   */
  static limitOfWords(images: readonly Float32Array[], words: readonly Float32Array[]): number | null {
    const scores = Float32Array.from(images.flatMap((image) => words.map((word) => dot(word, image))));
    return scores.length < LEAST_PAIRS ? null : limitOf(scores);
  }

  /**
   * The highest score of chance in each column: the branches, then combined.
   * @param shares of the branches in combined; they sum to 1
   * @returns null for a column in which random pairs may score as copies do
   */
  limits(shares: readonly number[]): (number | null)[] {
    const combined = this.#pairs[0]!.map((_, i) =>
      shares.reduce((sum, share, b) => sum + share * this.#pairs[b]![i]!, 0),
    );
    return [...this.#pairs, combined].map(limitOf).map((limit) => (limit < AS_ITSELF ? limit : null));
  }
}

function limitOf(scores: Float32Array): number {
  let kept = scores;
  let limit = Infinity;
  // Without what lies above the limit, the limit is a lower one: until nothing does any more.
  for (let round = 0; round < ROUNDS; round++) {
    const median = middle(kept);
    const below = kept.filter((score) => score <= median).map((score) => median - score);
    limit = median + DEVIATIONS * TO_DEVIATION * middle(below);
    const next = kept.filter((score) => score <= limit);
    if (next.length === kept.length) break;
    kept = next;
  }
  return limit;
}

function middle(values: Float32Array): number {
  return values.slice().sort()[values.length >> 1]!;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
