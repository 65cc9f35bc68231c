import { type Appearance, ones } from "../../images/index.ts";

/** Words of a hash and of its sure bits. */
const WORDS = 4;
/** Side of the picture that is kept of an appearance of 32 x 32, and of the area that each of its colours stands for. */
const SIDE = 8;
const AREA = 32 / SIDE;
const COLOURS = SIDE * SIDE * 3;

/**
 * How far two pictures that may be the same look apart: sure bits of the hash, and the greatest mean difference of colour of
 * an area, 0..255. Wide enough for what is cut off at the edges and for pixels that were decoded for a model; whoever finds
 * two pictures alike looks at them closely.
 */
const MOST_BITS = 8;
const MOST_COLOUR = 3 * 48;

/** How many images look, in 208 bytes each: the perceptual hash and 8 x 8 colours of `Appearance`. */
export class Looks {
  readonly #words: Uint32Array;
  readonly #colours: Uint8Array;

  constructor(images: number) {
    this.#words = new Uint32Array(images * WORDS);
    this.#colours = new Uint8Array(images * COLOURS);
  }

  get count(): number {
    return this.#words.length / WORDS;
  }

  set(image: number, { hash, sure, colours }: Appearance): void {
    this.#words.set([...hash, ...sure], image * WORDS);
    const sums = new Float64Array(COLOURS);
    for (let i = 0; i < colours.length; i++) {
      const place = Math.floor(i / 3);
      const [x, y] = [Math.floor((place % 32) / AREA), Math.floor(place / 32 / AREA)];
      sums[(y * SIDE + x) * 3 + (i % 3)]! += colours[i]!;
    }
    for (const [i, sum] of sums.entries()) this.#colours[image * COLOURS + i] = Math.round(sum / AREA ** 2);
  }

  /**
   * Images that may be the same picture as an image of others, those that look most alike first.
   * @param most how many; all where absent
   */
  alike(others: Looks, other: number, most = Number.POSITIVE_INFINITY): number[] {
    const found: { readonly image: number; readonly apart: number }[] = [];
    for (let image = 0; image < this.count; image++) {
      if (image === other && others === this) continue;
      const apart = this.#apart(image, others, other);
      if (apart !== undefined) found.push({ image, apart });
    }
    found.sort((a, b) => a.apart - b.apart || a.image - b.image);
    return found.slice(0, most).map(({ image }) => image);
  }

  /** Sum of the differences of colour; undefined where the two are not alike. */
  #apart(image: number, others: Looks, other: number): number | undefined {
    const [i, j] = [image * WORDS, other * WORDS];
    let bits = 0;
    for (let w = 0; w < 2; w++) {
      const sure = this.#words[i + 2 + w]! & others.#words[j + 2 + w]!;
      bits += ones((this.#words[i + w]! ^ others.#words[j + w]!) & sure);
    }
    if (bits > MOST_BITS) return undefined;
    const [c, d] = [image * COLOURS, other * COLOURS];
    let all = 0;
    for (let k = 0; k < COLOURS; k += 3) {
      let sum = 0;
      for (let n = k; n < k + 3; n++) sum += Math.abs(this.#colours[c + n]! - others.#colours[d + n]!);
      if (sum > MOST_COLOUR) return undefined;
      all += sum;
    }
    return all;
  }

  /** The first of them alone. */
  first(images: number): Looks {
    const looks = new Looks(images);
    looks.#words.set(this.#words.subarray(0, images * WORDS));
    looks.#colours.set(this.#colours.subarray(0, images * COLOURS));
    return looks;
  }

  toText(): string {
    return [new Uint8Array(this.#words.buffer), this.#colours]
      .map((part) => Buffer.from(part).toString("base64"))
      .join(" ");
  }

  /** @param text as `toText` gave it */
  static fromText(text: string): Looks {
    const [words, colours] = text.split(" ").map((part) => Uint8Array.from(Buffer.from(part, "base64")));
    const looks = new Looks(colours!.length / COLOURS);
    looks.#words.set(new Uint32Array(words!.buffer));
    looks.#colours.set(colours!);
    return looks;
  }
}
