import { expect, test } from "vitest";
import { cssOf, type Painter, paintPoints, svgPainter } from "../../../webview-ui/plot/painter.ts";
import { MARK } from "../../../webview-ui/plot/renderer.ts";

const palette = [
  [1, 0, 0, 1],
  [0, 0.5, 1, 1],
] as const;
const points = Float32Array.of(0, 0, 10, 0, 0, 10, Number.NaN, 1);
const colours = Uint8Array.of(0, 1, 1, 0);
const marks = Uint8Array.of(MARK.plain, MARK.selected, MARK.plain, MARK.plain);
const passes = [
  { mark: MARK.plain, opacity: 0.3 },
  { mark: MARK.selected, opacity: 1 },
];

test("points are painted by mark and colour, each at its place, y upwards; one without a place is not", () => {
  const painted: [string, number, number[][]][] = [];
  const painter: Painter = {
    rectangle() {},
    text() {},
    dots: (centres, _, fill, opacity) => painted.push([fill, opacity, centres.map(({ x, y }) => [x, y])]),
  };
  paintPoints(
    painter,
    { points, colours, marks, palette, passes },
    { x: 100, y: 50 },
    { width: 60, height: 60 },
    20 / 3,
  );
  // 10 pixels of margin at each side of a square of 40.
  expect(painted).toEqual([
    [cssOf(palette[1]), 0.3, [[110, 60]]],
    [cssOf(palette[0]), 0.3, [[110, 100]]],
    [cssOf(palette[1]), 1, [[150, 100]]],
  ]);
});

test("an SVG file is well formed, whatever the texts", () => {
  const painter = svgPainter({ width: 20, height: 10 }, 'A "B", serif');
  painter.rectangle({ x: 0, y: 0 }, { width: 20, height: 10 }, "#fff");
  painter.dots([{ x: 1.234567, y: 2 }], 3, "#f00", 0.5);
  painter.text("<cats> & dogs", { x: 1, y: 2 }, 3, "#000");
  const text = painter.end();
  expect(text).toContain(
    '<path d="M1.23 2h0" stroke="#f00" stroke-width="3" stroke-linecap="round" stroke-opacity="0.5"/>',
  );
  expect(text).toContain(">&#60;cats&#62; &#38; dogs</text>");
  expect(text).toContain('font-family="A &#34;B&#34;, serif"');
  expect(text.trim().endsWith("</svg>")).toBe(true);
});
