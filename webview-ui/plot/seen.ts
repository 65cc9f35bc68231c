import { peaks, seenPart } from "./crowd.ts";
import type { Seen } from "./plotTypes.ts";
import type { Targets } from "./targets.ts";
import type { Size, View } from "./view.ts";

/** Up to so many points in view are all drawn as pictures. */
const MOST = 60;

/** What a view shows. @param fitted all points are in it */
export function seenIn(points: Float32Array, view: View, size: Size, targets: Targets, fitted: boolean): Seen {
  const part = seenPart(view, size);
  // Where all points are in view, none need be looked for.
  const few = fitted ? targets.count <= MOST : undefined;
  const rows = few === false ? [] : targets.within(part.low, part.high);
  const all = few ?? rows.length <= MOST;
  const pictured = all ? rows.sort((a, b) => a - b) : peaks(points, view, size, targets.has);
  return { pictured, part: fitted ? null : part };
}
