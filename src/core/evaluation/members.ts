import type { RetrievalTask } from "./task.ts";

const NONE = new Int32Array();

/** Positions in the gallery of what a query is to find, of itself, and of its copies. */
export class Members {
  /** Most images that any query has to find. */
  readonly largest: number;
  readonly #task: RetrievalTask;
  readonly #positions: Int32Array;
  readonly #classes: Map<number, Int32Array>;
  readonly #copies: Map<number, Int32Array>;

  constructor(task: RetrievalTask) {
    this.#task = task;
    const { gallery, count, classes, copies } = task;
    this.#positions = new Int32Array(count).fill(-1);
    for (const [position, row] of gallery.entries()) this.#positions[row] = position;
    this.#classes = grouped(gallery, classes);
    this.#copies = copies === undefined ? new Map() : grouped(gallery, copies);
    this.largest = [...this.#classes.values()].reduce((most, { length }) => Math.max(most, length), 1);
  }

  /** -1 where a query is not in the gallery. */
  own(row: number): number {
    return this.#positions[row]!;
  }

  /** Of the query's class, without itself, ascending. */
  relevant(row: number): Int32Array {
    return this.#without(this.#classes.get(this.#task.classes[row]!) ?? NONE, row);
  }

  /** Of the same picture, without itself, whatever their class. */
  copies(row: number): Int32Array {
    const group = this.#task.copies?.[row] ?? -1;
    return group < 0 ? NONE : this.#without(this.#copies.get(group) ?? NONE, row);
  }

  #without(positions: Int32Array, row: number): Int32Array {
    const own = this.own(row);
    return own < 0 ? positions : positions.filter((position) => position !== own);
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
