/** Up to so many points move to where they are next; more are there at once. */
const MOST = 50_000;
/** Milliseconds. */
export const MOVE_DURATION = 250;

/** Points on their way from one layout to another. */
export class Move {
  readonly #from: Float32Array;
  readonly #to: Float32Array;
  readonly #start: number;
  readonly #duration: number;

  private constructor(from: Float32Array, to: Float32Array, duration: number) {
    this.#from = from;
    this.#to = to;
    this.#start = performance.now();
    this.#duration = duration;
  }

  /**
   * @param from float32 `[count, 2]`
   * @param to float32 `[count, 2]`
   * @returns undefined where the points are to be there at once
   */
  static between(from: Float32Array, to: Float32Array, duration: number): Move | undefined {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const moves = !still && to.length === from.length && to.length > 0 && to.length / 2 <= MOST;
    return moves ? new Move(from, to, duration) : undefined;
  }

  /** Where the points are at a time, and whether that is where they go. @param now in milliseconds, as a frame tells */
  at(now: number): { readonly points: Float32Array; readonly arrived: boolean } {
    const share = Math.min(1, Math.max(0, (now - this.#start) / this.#duration));
    if (share === 1) return { points: this.#to, arrived: true };
    return { points: between(this.#from, this.#to, share), arrived: false };
  }
}

/** A point that has no place yet is where it goes at once. */
function between(from: Float32Array, to: Float32Array, share: number): Float32Array {
  const eased = share * (2 - share);
  return to.map((value, i) => {
    const before = from[i]!;
    return Number.isFinite(before) ? before + (value - before) * eased : value;
  });
}
