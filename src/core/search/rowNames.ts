/** Paths of images by row and rows by path. Rows are dense: where one goes, the last one takes its place. */
export class RowNames {
  readonly #paths: string[] = [];
  readonly #rows = new Map<string, number>();

  get count(): number {
    return this.#paths.length;
  }

  rowOf(path: string): number | undefined {
    return this.#rows.get(path);
  }

  /** @throws RangeError where there is no such row */
  pathOf(row: number): string {
    const path = this.#paths[row];
    if (path === undefined) throw new RangeError(`Row ${row} of a gallery of ${this.count} images`);
    return path;
  }

  /** @returns the row of a path that has none yet */
  add(path: string): number {
    const row = this.#paths.push(path) - 1;
    this.#rows.set(path, row);
    return row;
  }

  /** @returns the row that became free, and the one that is to be moved there, unless it was the last itself; undefined where there is none */
  delete(path: string): { readonly row: number; readonly from: number } | undefined {
    const row = this.#rows.get(path);
    if (row === undefined) return undefined;
    const from = this.count - 1;
    const moved = this.#paths.pop()!;
    this.#rows.delete(path);
    if (row !== from) {
      this.#paths[row] = moved;
      this.#rows.set(moved, row);
    }
    return { row, from };
  }

  clear(): void {
    this.#paths.length = 0;
    this.#rows.clear();
  }
}
