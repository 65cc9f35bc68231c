/** What a column says of each image. */
export interface ColumnValues {
  /** Different values, as they are written; never empty. */
  readonly names: readonly string[];
  /** int32 per image: its first value, as a place in `names`; -1 where it has none. */
  readonly codes: Int32Array;
  /** All values of images that have several, by image. */
  readonly several: ReadonlyMap<number, readonly number[]>;
}

/** Collects them row by row; every value counts once, in the order of the rows. */
export class ValueCollector {
  readonly #codeOf = new Map<string, number>();
  readonly #codes: Int32Array;
  readonly #several = new Map<number, number[]>();

  constructor(images: number) {
    this.#codes = new Int32Array(images).fill(-1);
  }

  /** @param text empty where the row has no value, which says nothing */
  add(image: number, text: string): void {
    const value = text.trim();
    if (value === "") return;
    const code = this.#codeOf.get(value) ?? this.#codeOf.size;
    this.#codeOf.set(value, code);
    const first = this.#codes[image]!;
    if (first < 0) this.#codes[image] = code;
    else if (first !== code) {
      const all = this.#several.get(image) ?? [first];
      if (!all.includes(code)) all.push(code);
      this.#several.set(image, all);
    }
  }

  end(): ColumnValues {
    return { names: [...this.#codeOf.keys()], codes: this.#codes, several: this.#several };
  }
}
