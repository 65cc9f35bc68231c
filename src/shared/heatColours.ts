/**
 * Colours of the parts of a score, dark blue to yellow: brightness rises evenly, and neither red-green nor blue-yellow
 * blindness makes two of them alike. RGB 0..255 at 0, 1/4, 1/2, 3/4 and 1.
 */
const ANCHORS = [
  [0, 30, 80],
  [58, 74, 110],
  [122, 120, 120],
  [190, 170, 100],
  [255, 228, 60],
] as const;

/** @param share 0..1 @returns RGB 0..255 */
export function heatColour(share: number): [number, number, number] {
  const place = Math.min(1, Math.max(0, share)) * (ANCHORS.length - 1);
  const from = Math.min(ANCHORS.length - 2, Math.floor(place));
  const mix = (channel: 0 | 1 | 2) => {
    const [a, b] = [ANCHORS[from]![channel], ANCHORS[from + 1]![channel]];
    return Math.round(a + (place - from) * (b - a));
  };
  return [mix(0), mix(1), mix(2)];
}
