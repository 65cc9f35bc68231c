import type { NearImage } from "../../src/shared/index.ts";

/** Rows of the nearest images, by descriptor. */
export type Near = Readonly<Record<string, readonly number[]>>;

/** Neighbours of points that were looked at, the latest last; beyond this many the oldest are let go. */
const KEPT = 500;

/** Asks for the neighbours of each point once. */
export class Neighbours {
  readonly #request: (path: string) => Promise<Readonly<Record<string, readonly NearImage[]>>>;
  readonly #known = new Map<number, Near>();
  #paths: readonly string[] = [];
  #rows = new Map<string, number>();

  constructor(request: (path: string) => Promise<Readonly<Record<string, readonly NearImage[]>>>) {
    this.#request = request;
  }

  /** Other images, or other maps of them. */
  reset(paths: readonly string[]): void {
    this.#known.clear();
    this.#paths = paths;
    this.#rows = new Map(paths.map((path, row) => [path, row]));
  }

  /** What is known of a point already. */
  get(row: number): Near | undefined {
    return this.#known.get(row);
  }

  /** @returns empty lists, which are not kept, while there are none yet */
  async load(row: number): Promise<Near> {
    const known = this.#known.get(row);
    if (known !== undefined) return known;
    const rows = this.#rows;
    const lists = Object.entries(await this.#request(this.#paths[row]!)).map(([descriptor, images]) => {
      return [descriptor, images.flatMap(({ path }) => rows.get(path) ?? [])] as const;
    });
    const near = Object.fromEntries(lists);
    if (lists.length > 0 && rows === this.#rows) this.#keep(row, near);
    return near;
  }

  #keep(row: number, near: Near): void {
    this.#known.set(row, near);
    if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value!);
  }
}
