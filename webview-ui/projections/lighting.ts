/** A pointer that only passes lights nothing up, and one that leaves for a moment puts nothing out. Milliseconds. */
const REST = 120;

/** The category that is lit up in every map: that of the point under the pointer, or of the entry of the legend. */
export class Lighting {
  readonly #changed: () => void;
  #rest: ReturnType<typeof setTimeout> | undefined;
  code: number | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** @param code of the category; undefined for none */
  point(code: number | undefined): void {
    clearTimeout(this.#rest);
    if (code === this.code) return;
    this.#rest = setTimeout(() => this.#set(code), REST);
  }

  /** At once: the categories are others. */
  clear(): void {
    clearTimeout(this.#rest);
    this.code = undefined;
  }

  #set(code: number | undefined): void {
    this.code = code;
    this.#changed();
  }
}
