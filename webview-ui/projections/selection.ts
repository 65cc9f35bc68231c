import { MARK } from "../plot/renderer.ts";
import type { Categories } from "./colours.ts";
import { matching } from "./labels.ts";

/** Images of each category, by code. */
export interface Counted {
  readonly of: "selected" | "found";
  readonly counts: Int32Array;
}

/** The selected images and those that a search finds: rows, and the marks that points have for them. */
export class Selection {
  #paths: readonly string[] = [];
  #found: Uint8Array | undefined;
  #counted:
    | { readonly from: unknown; readonly codes: Categories["codes"]; readonly result: Counted | undefined }
    | undefined;
  /** Images of the category that is lit up, uint8 `[count]`. */
  #lit: Uint8Array | undefined;
  /** Rows of the selected images, in order. */
  rows: readonly number[] = [];
  /** Paths of the selected images: they outlive other maps of the same folder, and the page. */
  kept: readonly string[] = [];
  search = "";
  /** Images that the search finds; null where nothing is looked for. */
  foundCount: number | null = null;
  /** uint8 `[count]`: how each point is marked. */
  marks: Uint8Array = new Uint8Array();

  set(rows: readonly number[]): void {
    this.rows = [...new Set(rows)].sort((a, b) => a - b);
    this.kept = this.rows.map((row) => this.#paths[row]!);
    this.#mark();
  }

  toggle(row: number): void {
    const others = this.rows.filter((other) => other !== row);
    this.set(others.length < this.rows.length ? others : [...others, row]);
  }

  /** Other images: those of before are selected again, and what is looked for is found among them. */
  reset(paths: readonly string[], labels: Categories): void {
    const before = this.kept;
    const selected = new Set(before);
    this.#paths = paths;
    this.find(this.search, labels);
    this.set([...paths.keys()].filter((row) => selected.has(paths[row]!)));
    // Between two sets of images there are none for a moment.
    if (paths.length === 0) this.kept = before;
  }

  /** @param labels what the images are called beside their paths */
  find(search: string, labels: Categories): void {
    this.search = search;
    this.#found = matching(search, this.#paths, labels);
    this.foundCount = this.#found?.reduce((sum, one) => sum + one, 0) ?? null;
    this.#mark();
  }

  /** @param code of the category that is lit up; undefined for none */
  light(code: number | undefined, { codes }: Categories): void {
    this.#lit = code === undefined ? undefined : Uint8Array.from(codes, (own) => (own === code ? 1 : 0));
    this.#mark();
  }

  /**
   * Of the selected images, else of those that a search finds, how many each category has; undefined where there are none. The same
   * object until they change: what lights up under the pointer changes nothing of it.
   */
  counted({ codes, names }: Categories): Counted | undefined {
    const of = this.rows.length > 0 ? "selected" : "found";
    const found = this.#found;
    const from = of === "selected" ? this.rows : found;
    if (this.#counted?.from === from && this.#counted?.codes === codes) return this.#counted.result;
    const counts = new Int32Array(names.length);
    const rows = of === "selected" ? this.rows : [...(found?.keys() ?? [])].filter((row) => found![row] === 1);
    for (const row of rows) if (codes[row]! >= 0) counts[codes[row]!]!++;
    const result = from === undefined ? undefined : ({ of, counts } as const);
    this.#counted = { from, codes, result };
    return result;
  }

  selectFound(): void {
    const found = this.#found;
    if (found !== undefined) this.set([...found.keys()].filter((row) => found[row] === 1));
  }

  #mark(): void {
    const found = this.#found;
    this.marks = new Uint8Array(this.#paths.length);
    if (found !== undefined) this.marks = found.map((one) => (one === 1 ? MARK.plain : MARK.out));
    const lit = this.#lit;
    if (lit !== undefined && lit.length === this.marks.length) {
      this.marks = this.marks.map((mark, row) => (mark === MARK.plain && lit[row] === 1 ? MARK.lit : mark));
    }
    for (const row of this.rows) if (this.marks[row] !== MARK.out) this.marks[row] = MARK.selected;
  }
}
