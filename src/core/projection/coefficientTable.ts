/** Squared distances that the table covers: 2^-32 up to 2^32; beyond them the last value stands. */
const LOWEST_EXPONENT = -32;
const EXPONENTS = 64;
/** Values per doubling of the squared distance, as a power of two. */
const MANTISSA_BITS = 7;
const SHIFT = 23 - MANTISSA_BITS;
const FRACTION = 2 ** -SHIFT;
const MASK = 2 ** SHIFT - 1;
const FIRST = (127 + LOWEST_EXPONENT) << MANTISSA_BITS;
const SIZE = EXPONENTS << MANTISSA_BITS;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/**
 * A smooth function of a squared distance, read from a table instead of computed: the two powers of UMAP's gradients
 * are most of the time of a layout. Between two entries it is linear; the relative error stays below 1e-4. The upper
 * bits of a float32 (exponent and first bits of the mantissa) are the position, so no logarithm is needed.
 */
export class CoefficientTable {
  readonly #values = new Float32Array(SIZE + 1);

  constructor(of: (squared: number) => number) {
    for (let i = 0; i <= SIZE; i++) {
      bits[0] = (FIRST + i) << SHIFT;
      this.#values[i] = of(float[0]!);
    }
  }

  /** @param squared above 0 */
  at(squared: number): number {
    float[0] = squared;
    const pattern = bits[0]!;
    const index = (pattern >>> SHIFT) - FIRST;
    if (index < 0) return this.#values[0]!;
    if (index >= SIZE) return this.#values[SIZE]!;
    const low = this.#values[index]!;
    return low + (this.#values[index + 1]! - low) * ((pattern & MASK) * FRACTION);
  }
}
