import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** With fewer images it cannot be told whether more branches help: they stay out. */
export const ASKED_FROM = 400;
/** Images that are compared, each with each. */
const COMPARED = 800;
/**
 * Contrast with a branch more, as a multiple of that without it, from which on it may vote; docs/models.md has where sets lie.
 */
const LEAST_GAIN = 1.04;
/** The same over each of some random halves of the images: what it is told by is no accident of some. */
const LEAST_OF_HALVES = 1.02;
/** Random halves of the images that all have to say the same. */
const HALVES = 8;
/** What a branch without a network counts, as a multiple of what all branches of networks count: alone it is a fifth of the whole. */
const HANDCRAFTED_PART = 1 / 4;

/** Embeddings of some images in one branch, rows of norm 1. */
export interface BranchRows {
  /** float32 `[count, dim]`. */
  readonly values: Float32Array;
  readonly dim: number;
}

/** How many branches are whose; those without a network come last, each for itself. */
export interface Parts {
  readonly own: number;
  readonly second: number;
}

/** Who may vote. */
export interface Admitted {
  readonly second: boolean;
  /** One by one. */
  readonly handcrafted: readonly boolean[];
}

/**
 * Which branches may vote in a folder beside the first network's, without labels: a second network, then each branch that needs none, in
 * their order, against all that was let in before. It may where with it clusters are seen more clearly. That is told by how far an
 * image's nearest lies above random pairs, in deviations of these (contrast), over all images and over each of eight random halves. What sees
 * the same clusters and errs differently makes them stand out more; what sees them less blurs them.
 * @param branches of the same images, behind their heads: the first network's, the second's, the others; null where nothing can be
 *   told from one
 * @returns nobody where the images are too few to tell
 */
export function admitted({ own, second }: Parts, branches: readonly (BranchRows | null)[]): Admitted {
  const others = branches.slice(own + second);
  const nobody = { second: false, handcrafted: others.map(() => false) };
  const total = branches[0]!.values.length / branches[0]!.dim;
  if (total < ASKED_FROM) return nobody;
  const count = Math.min(total, COMPARED);
  const rows = Array.from({ length: count }, (_, i) => Math.floor((i * total) / count));
  const clearer = clearerThan(count);
  const first = scoresOf(branches.slice(0, own), rows)!;
  // As they are weighed: each network as much as the other.
  const guest = second === 0 ? null : scoresOf(branches.slice(own, own + second), rows);
  const both = guest?.map((score, i) => (score + first[i]!) / 2);
  const joins = both !== undefined && clearer(both, first);
  const networks = joins ? both : first;
  const sum = networks.slice();
  let before = networks;
  let parts = 1;
  const handcrafted = others.map((branch) => {
    const scores = scoresOf([branch], rows);
    if (scores === null) return false;
    const mixed = sum.map((score, i) => (score + HANDCRAFTED_PART * scores[i]!) / (parts + HANDCRAFTED_PART));
    if (!clearer(mixed, before)) return false;
    for (const [i, score] of scores.entries()) sum[i]! += HANDCRAFTED_PART * score;
    parts += HANDCRAFTED_PART;
    before = mixed;
    return true;
  });
  return { second: joins, handcrafted };
}

/** What each branch counts by that: a second network as much as the first, and each branch without one a quarter of both. */
export function weightsOf({ own, second }: Parts, { second: joins, handcrafted }: Admitted): number[] {
  const networks = joins ? 2 * own : own;
  return [
    ...new Array<number>(own).fill(1),
    ...new Array<number>(second).fill(joins ? own / second : 0),
    ...handcrafted.map((may) => (may ? networks * HANDCRAFTED_PART : 0)),
  ];
}

/** Whether scores of each image with each, `[count, count]`, show clusters more clearly than those of before. */
function clearerThan(count: number): (scores: Float32Array, before: Float32Array) => boolean {
  const all = Array.from({ length: count }, (_, i) => i);
  const halves = Array.from({ length: HALVES }, (_, seed) => shuffled(all, seed).slice(0, count >> 1));
  return (scores, before) => {
    const gain = (some: readonly number[]) => {
      const alone = contrast(before, count, some);
      return alone > 0 ? contrast(scores, count, some) / alone : 0;
    };
    return gain(all) >= LEAST_GAIN && halves.every((half) => gain(half) >= LEAST_OF_HALVES);
  };
}

/** Mean cosines of the branches, float32 `[count, count]`; null where one of them tells nothing. */
function scoresOf(branches: readonly (BranchRows | null)[], rows: readonly number[]): Float32Array | null {
  const count = rows.length;
  const scores = new Float32Array(count * count);
  for (const branch of branches) {
    if (branch === null) return null;
    const { values, dim } = branch;
    for (let i = 0; i < count; i++) {
      const a = rows[i]! * dim;
      for (let j = 0; j < i; j++) {
        const b = rows[j]! * dim;
        let sum = 0;
        for (let k = 0; k < dim; k++) sum += values[a + k]! * values[b + k]!;
        scores[i * count + j]! += sum / branches.length;
        scores[j * count + i] = scores[i * count + j]!;
      }
    }
  }
  return scores;
}

/** How far the nearest lies above random pairs, in their deviations. */
function contrast(scores: Float32Array, count: number, rows: readonly number[]): number {
  let [sum, squares, nearest] = [0, 0, 0];
  for (const i of rows) {
    let most = -1;
    for (const j of rows) {
      if (i === j) continue;
      const score = scores[i * count + j]!;
      sum += score;
      squares += score * score;
      if (score > most) most = score;
    }
    nearest += most;
  }
  const pairs = rows.length * (rows.length - 1);
  const mean = sum / pairs;
  const deviation = Math.sqrt(Math.max(0, squares / pairs - mean * mean));
  return deviation > 0 ? (nearest / rows.length - mean) / deviation : 0;
}

function shuffled(rows: readonly number[], seed: number): number[] {
  const random = xoroshiro128plus(seed + 1);
  const keyed = rows.map((row) => [random.next(), row] as const);
  return keyed.sort(([a], [b]) => a - b).map(([, row]) => row);
}
