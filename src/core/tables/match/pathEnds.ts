/** Several images fit. */
export const AMBIGUOUS = "ambiguous";

/** Deeper folders are not told apart. */
const DEEPEST = 32;

/** The ends of the paths of images, part by part, in composed letters: which image has an end, or that several have. */
export class PathEnds {
  readonly #paths: readonly string[];
  /** By number of parts, filled when it is asked for. */
  readonly #ends: (Map<string, number> | undefined)[] = [];
  #whole: Map<string, number> | undefined;
  readonly #keyOf: (path: string) => string;
  readonly #depth: number;

  /** @param keyOf what of a path is looked for */
  constructor(paths: readonly string[], keyOf: (path: string) => string = (path) => path) {
    this.#paths = paths;
    this.#keyOf = (path) => keyOf(path).normalize("NFC");
    this.#depth = Math.min(
      DEEPEST,
      paths.reduce((most, path) => Math.max(most, path.split("/").length), 0),
    );
  }

  /** The image whose whole path this is. */
  whole(path: string): number | typeof AMBIGUOUS | undefined {
    this.#whole ??= this.#mapOf((key) => key);
    return answer(this.#whole.get(path));
  }

  /** The image of the longest end of a path that any image has, and the number of its parts. */
  longest(path: string): { readonly image: number; readonly parts: number } | typeof AMBIGUOUS | undefined {
    const parts = path.split("/");
    for (let count = Math.min(parts.length, this.#depth); count > 0; count--) {
      const image = answer(this.#endsOf(count).get(parts.slice(-count).join("/")));
      if (image === AMBIGUOUS) return AMBIGUOUS;
      if (image !== undefined) return { image, parts: count };
    }
    return undefined;
  }

  /**
   * The image whose path ends with this one, or is an end of it. One that shares no more than an end with it lies in other
   * folders, so it is another image.
   */
  within(path: string): { readonly image: number; readonly parts: number } | typeof AMBIGUOUS | undefined {
    const parts = path.split("/");
    const below = answer(this.#endsOf(parts.length).get(path));
    if (below === AMBIGUOUS) return AMBIGUOUS;
    if (below !== undefined) return { image: below, parts: parts.length };
    for (let count = Math.min(parts.length - 1, this.#depth); count > 0; count--) {
      const image = this.whole(parts.slice(-count).join("/"));
      if (image === AMBIGUOUS) return AMBIGUOUS;
      if (image !== undefined) return { image, parts: count };
    }
    return undefined;
  }

  #endsOf(count: number): Map<string, number> {
    this.#ends[count] ??= this.#mapOf((key) => {
      const parts = key.split("/");
      return parts.length < count ? undefined : parts.slice(-count).join("/");
    });
    return this.#ends[count];
  }

  /** Images by key; -1 where several have it. */
  #mapOf(endOf: (key: string) => string | undefined): Map<string, number> {
    const map = new Map<string, number>();
    for (const [i, path] of this.#paths.entries()) {
      const end = endOf(this.#keyOf(path));
      if (end !== undefined) map.set(end, map.has(end) ? -1 : i);
    }
    return map;
  }
}

function answer(image: number | undefined): number | typeof AMBIGUOUS | undefined {
  return image === -1 ? AMBIGUOUS : image;
}
