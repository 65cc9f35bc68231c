import type { ReactiveController, ReactiveControllerHost } from "lit";
import {
  type ColumnChoice,
  folderRule,
  type ImageColumn,
  type ProjectionColumnResult,
} from "../../src/shared/index.ts";
import type { Seen } from "../plot/plotTypes.ts";
import { type Categories, type Category, categoryColours, colouredCategories, numberColours } from "./colours.ts";
import { foldersOf } from "./labels.ts";
import { type Range, rangeOf } from "./scale.ts";

type Part = NonNullable<Seen["part"]>;
type Numbers = ImageColumn & { readonly kind: "number" };

/** What points are coloured by: their folders, or a value per image that the host gives. */
export class Colouring implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #request: (choice: ColumnChoice) => Promise<ProjectionColumnResult>;
  #folders: Categories = foldersOf([]);
  /** Folders that are the parts of a split, and so no labels. */
  split: readonly string[] = [];
  #count = 0;
  /** Of the map by which categories get their colours. */
  #points: Float32Array | undefined;
  /** null is the folder. */
  choice: ColumnChoice | null = null;
  result: ProjectionColumnResult | undefined;
  /** Why there are no values; what is drawn before them stays. */
  failure: string | undefined;
  /** Categories that were chosen, by code, in the order of their colours. */
  chosen: readonly number[] = [];
  /** What is looked for in the legend. */
  legendSearch = "";
  /** All categories, with their colours; empty where the values are numbers. */
  categories: readonly Category[] = [];
  /** Of the numbers; undefined for categories. */
  range: Range | undefined;
  /** Rises with each change of what is shown. */
  version = 0;
  /** Images of each category in the part of a map that is in view, by code; undefined where that is all of it. */
  inView: { readonly map: string; readonly counts: Int32Array } | undefined;
  #colours: Uint8Array = new Uint8Array();
  #byMap: ReadonlyMap<string, Uint8Array> = new Map();

  constructor(host: ReactiveControllerHost, request: (choice: ColumnChoice) => Promise<ProjectionColumnResult>) {
    this.#host = host;
    this.#request = request;
    host.addController(this);
  }

  hostConnected(): void {}

  /** Values of the images; undefined for categories. */
  get numbers(): Numbers | undefined {
    const column = this.choice === null ? undefined : this.result?.column;
    return column?.kind === "number" ? column : undefined;
  }

  /** What the images are called by: the categories that are shown, else their folders. */
  get labels(): Categories {
    const column = this.choice === null ? undefined : this.result?.column;
    return column?.kind === "category" ? column : this.#folders;
  }

  /** uint8 `[count]`: places in the palette, for a map. */
  coloursOf(map: string): Uint8Array {
    return this.#byMap.get(map) ?? this.#colours;
  }

  /** Other images. */
  reset(paths: readonly string[]): void {
    this.#folders = foldersOf(paths);
    this.split = folderRule(paths).parts;
    this.#count = paths.length;
    this.#points = undefined;
    this.inView = undefined;
    this.result = undefined;
    this.chosen = [];
    this.#paint();
  }

  /** The map by which categories get their colours: those side by side differ. float32 `[count, 2]` */
  place(points: Float32Array): void {
    this.#points = points;
    if (this.numbers === undefined) this.#paint();
  }

  /** Colours by something else, or by the same thing again: new maps have other neighbours. */
  async choose(choice: ColumnChoice | null): Promise<void> {
    const other = JSON.stringify(choice) !== JSON.stringify(this.choice);
    this.choice = choice;
    this.failure = undefined;
    if (other) {
      this.inView = undefined;
      this.chosen = [];
      this.legendSearch = "";
      this.result = undefined;
    }
    this.#paint();
    if (choice === null) return;
    try {
      const result = await this.#request(choice);
      if (this.choice !== choice) return;
      // An answer for images that have been replaced meanwhile.
      if (lengthOf(result.column) !== this.#count) return;
      this.result = result;
    } catch (error) {
      if (this.choice === choice) this.fail(error);
      return;
    }
    this.#paint();
  }

  /** Gives a category a colour, or takes it away; where none has one, the most frequent have. */
  toggle(code: number): void {
    const others = this.chosen.filter((other) => other !== code);
    this.chosen = others.length < this.chosen.length ? others : [...others, code];
    this.#paint();
  }

  /** Counts what is in view in a map. */
  look(map: string, seen: { readonly points: Float32Array; readonly part: Part } | null): void {
    this.inView = seen === null ? undefined : { map, counts: countsIn(this.labels, seen.points, seen.part) };
    this.version++;
    this.#host.requestUpdate();
  }

  search(text: string): void {
    this.legendSearch = text;
    this.version++;
    this.#host.requestUpdate();
  }

  /** What was asked for cannot be had. */
  fail(error: unknown): void {
    this.failure = error instanceof Error ? error.message : String(error);
    this.version++;
    this.#host.requestUpdate();
  }

  #paint(): void {
    this.version++;
    this.#byMap = new Map();
    const numbers = this.numbers;
    if (numbers === undefined) {
      this.range = undefined;
      this.categories = colouredCategories(this.labels, this.chosen, this.#points);
      this.#colours = categoryColours(this.labels, this.categories);
    } else {
      this.categories = [];
      const range =
        numbers.unit === "share" ? { low: 0, high: 1, below: false, above: false } : rangeOf(numbers.values);
      this.range = range ?? { low: Number.NaN, high: Number.NaN, below: false, above: false };
      this.#colours = numberColours(numbers.values, this.range);
      const maps = Object.entries(numbers.byMap ?? {});
      this.#byMap = new Map(maps.map(([name, values]) => [name, numberColours(values, this.range!)]));
    }
    this.#host.requestUpdate();
  }
}

function lengthOf(column: ImageColumn): number {
  return column.kind === "number" ? column.values.length : column.codes.length;
}

function countsIn({ names, codes }: Categories, points: Float32Array, { low, high }: Part): Int32Array {
  const counts = new Int32Array(names.length);
  for (const [row, code] of codes.entries()) {
    const [x, y] = [points[2 * row]!, points[2 * row + 1]!];
    if (code >= 0 && x >= low.x && x <= high.x && y >= low.y && y <= high.y) counts[code]!++;
  }
  return counts;
}
