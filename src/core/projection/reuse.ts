import type { VectorSet } from "../neighbours/index.ts";
import type { Projection } from "./projection.ts";

/** Layouts that had more than this share of their points added, changed or removed are made as a whole again. */
const MAX_CHANGED = 0.25;

/** What an earlier projection is still good for. */
export type Reuse =
  | { readonly kind: "none" }
  | { readonly kind: "all"; readonly previous: Projection }
  | {
      readonly kind: "part";
      readonly previous: Projection;
      /** int32 `[count]`: the row in `previous`, or -1 for an image that is new or changed. */
      readonly origin: Int32Array;
      readonly changes: number;
    };

/** Compares an earlier projection, made with the same parameters, with the vectors as they are now. */
export function planReuse(vectors: VectorSet, previous: Projection | undefined): Reuse {
  if (previous === undefined) return { kind: "none" };
  const count = vectors.paths.length;
  const earlier = new Map(previous.paths.map((path, row) => [path, row]));
  const origin = Int32Array.from(vectors.paths, (path, row) => {
    const from = earlier.get(path) ?? -1;
    return from >= 0 && sameSignature(vectors.signatures, row, previous.signatures, from) ? from : -1;
  });
  const kept = origin.reduce((sum, from) => sum + (from >= 0 ? 1 : 0), 0);
  const changed = count - kept + (previous.paths.length - kept);
  if (changed === 0 && origin.every((from, row) => from === row)) {
    return { kind: "all", previous };
  }
  const changes = previous.changes + changed;
  // Below four points the picture is exact as it is.
  if (Math.min(count, previous.paths.length) <= 3 || changes > MAX_CHANGED * count) return { kind: "none" };
  return { kind: "part", previous, origin, changes };
}

function sameSignature(a: Uint32Array, i: number, b: Uint32Array, j: number): boolean {
  return a[2 * i] === b[2 * j] && a[2 * i + 1] === b[2 * j + 1];
}
