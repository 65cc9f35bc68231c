import type { RankingFrame } from "./task.ts";

const NONE = new Int32Array();

/** Positions in the gallery of what a query is to find, of itself, and of its copies. */
export class Members {
  /** Most images that any query has to find. */
  readonly largest: number;
  readonly #classes: Int32Array;
  readonly #groups: Int32Array | undefined;
  readonly #positions: Int32Array;
  readonly #ofClass: Map<number, Int32Array>;
  readonly #ofGroup: Map<number, Int32Array>;

  constructor({ gallery, count, classes, copies }: Pick<RankingFrame, "gallery" | "count" | "classes" | "copies">) {
    this.#classes = classes;
    this.#groups = copies;
    this.#positions = new Int32Array(count).fill(-1);
    for (const [position, row] of gallery.entries()) this.#positions[row] = position;
    this.#ofClass = grouped(gallery, classes);
    this.#ofGroup = copies === undefined ? new Map() : grouped(gallery, copies);
    this.largest = [...this.#ofClass.values()].reduce((most, { length }) => Math.max(most, length), 1);
  }

  /** -1 where a query is not in the gallery. */
  own(row: number): number {
    return this.#positions[row]!;
  }

  /** Of the query's class, without itself, ascending. */
  relevant(row: number): Int32Array {
    return this.#without(this.#ofClass.get(this.#classes[row]!) ?? NONE, row);
  }

  /** How many these are. */
  count(row: number): number {
    return (this.#ofClass.get(this.#classes[row]!)?.length ?? 0) - (this.own(row) < 0 ? 0 : 1);
  }

  /** Of the same picture, without itself, whatever their class. */
  copies(row: number): Int32Array {
    const group = this.#groups?.[row] ?? -1;
    return group < 0 ? NONE : this.#without(this.#ofGroup.get(group) ?? NONE, row);
  }

  #without(positions: Int32Array, row: number): Int32Array {
    const at = positions.indexOf(this.own(row));
    if (at < 0) return positions;
    const rest = new Int32Array(positions.length - 1);
    rest.set(positions.subarray(0, at));
    rest.set(positions.subarray(at + 1), at);
    return rest;
  }
}

function grouped(gallery: Int32Array, numbers: Int32Array): Map<number, Int32Array> {
  const lists = new Map<number, number[]>();
  for (const [position, row] of gallery.entries()) {
    const number = numbers[row]!;
    if (number < 0) continue;
    const list = lists.get(number);
    if (list === undefined) lists.set(number, [position]);
    else list.push(position);
  }
  return new Map([...lists].map(([number, list]) => [number, Int32Array.from(list)]));
}
