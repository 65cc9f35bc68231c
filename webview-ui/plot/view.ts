/** What part of a map is seen: the data point in the middle of the plot, and CSS pixels per unit of the data. y grows upwards. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** In CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A place in the plot, in CSS pixels from its top left, or one in the data. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A view never gets nearer or farther than this, in pixels per unit; the layouts span tens of units. */
const SCALES = { least: 1e-3, most: 1e6 };

export function toScreen(view: View, size: Size, at: Place): Place {
  return { x: size.width / 2 + (at.x - view.x) * view.scale, y: size.height / 2 - (at.y - view.y) * view.scale };
}

export function toData(view: View, size: Size, at: Place): Place {
  return { x: view.x + (at.x - size.width / 2) / view.scale, y: view.y - (at.y - size.height / 2) / view.scale };
}

/** Zooms by a factor; what is under `at` on the screen stays there. */
export function zoomAt(view: View, size: Size, at: Place, factor: number): View {
  const fixed = toData(view, size, at);
  const scale = Math.min(SCALES.most, Math.max(SCALES.least, view.scale * factor));
  const ratio = view.scale / scale;
  return { x: fixed.x + (view.x - fixed.x) * ratio, y: fixed.y + (view.y - fixed.y) * ratio, scale };
}

/** Moves what is seen by so many pixels. */
export function pan(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x - dx / view.scale, y: view.y + dy / view.scale };
}

/**
 * The view that holds all points.
 * @param points float32 `[count, 2]`; points that are not finite are left out
 * @param margin free pixels at each side
 */
export function fitView(points: Float32Array, size: Size, margin: number): View {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i]!;
    const y = points[i + 1]!;
    if (!Number.isFinite(x + y)) continue;
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    top = Math.max(top, y);
  }
  if (left > right) return { x: 0, y: 0, scale: 1 };
  const inside = (length: number) => Math.max(1, length - 2 * margin);
  // Points at one place have no extent to fit.
  const scale = Math.min(inside(size.width) / (right - left), inside(size.height) / (top - bottom));
  return {
    x: (left + right) / 2,
    y: (bottom + top) / 2,
    scale: Number.isFinite(scale) ? Math.min(SCALES.most, Math.max(SCALES.least, scale)) : 1,
  };
}
