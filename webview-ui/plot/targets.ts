import { nextTowards, PointIndex } from "./picking.ts";
import { MARK } from "./renderer.ts";
import type { Place } from "./view.ts";

/** The points that can be pointed at: those that are not out of the question. Places are those of the points. */
export class Targets {
  #points: Float32Array = new Float32Array();
  #marks: Uint8Array = new Uint8Array();
  #index: PointIndex | undefined;

  /** float32 `[count, 2]` */
  setPoints(points: Float32Array): void {
    this.#points = points;
    this.forget();
  }

  /** uint8 `[count]`, see `MARK` */
  setMarks(marks: Uint8Array): void {
    this.#marks = marks;
  }

  /** The points are about to move. */
  forget(): void {
    this.#index = undefined;
  }

  readonly has = (row: number): boolean => this.#marks[row] !== MARK.out;

  get count(): number {
    let count = this.#points.length / 2;
    if (this.#some) for (const mark of this.#marks) if (mark === MARK.out) count--;
    return count;
  }

  /** @param reach how far away a point may be, in the unit of the points */
  nearest(place: Place, reach: number): number | undefined {
    return this.#indexed.nearest(place, reach, this.has);
  }

  /** The next point from another one in a direction. */
  towards(row: number, direction: Place): number | undefined {
    return nextTowards(this.#points, row, direction, this.has);
  }

  inside(polygon: readonly Place[]): readonly number[] {
    const rows = this.#indexed.inside(polygon);
    return this.#some ? rows.filter(this.has) : rows;
  }

  within(low: Place, high: Place): number[] {
    return this.#indexed.within(low, high).filter(this.has);
  }

  /** Whether any point is out of the question. */
  get #some(): boolean {
    return this.#marks.includes(MARK.out);
  }

  get #indexed(): PointIndex {
    this.#index ??= new PointIndex(this.#points);
    return this.#index;
  }
}
