/**
 * A seeded source of random numbers: xorshift128 (Marsaglia, "Xorshift RNGs", 2003), whole-number arithmetic only, so
 * that a seed gives the same numbers on every machine.
 */
export class Random {
  #x: number;
  #y: number;
  #z: number;
  #w: number;

  constructor(seed: number) {
    // Spread by the finaliser of MurmurHash3: small seeds would otherwise start with small numbers.
    this.#x = mix(seed + 0x9e3779b9) | 1;
    this.#y = mix(seed + 0x3c6ef372);
    this.#z = mix(seed + 0xdaa66d2b);
    this.#w = mix(seed + 0x78dde6e4);
  }

  /** 0..2^32 - 1. */
  next(): number {
    const t = this.#x ^ (this.#x << 11);
    this.#x = this.#y;
    this.#y = this.#z;
    this.#z = this.#w;
    this.#w = this.#w ^ (this.#w >>> 19) ^ t ^ (t >>> 8);
    return this.#w >>> 0;
  }

  /** 0 <= value < 1. */
  unit(): number {
    return this.next() / 2 ** 32;
  }
}

/** The finaliser of MurmurHash3: every bit of a 32-bit number touches every bit of the result. */
export function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A 32-bit hash of a text (FNV-1a over its UTF-16 units, then mixed), the same on every machine. */
export function hashText(text: string, seed: number): number {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h);
}
