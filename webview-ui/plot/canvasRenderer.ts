import { type Colour, fitCanvas, type PointRenderer } from "./renderer.ts";
import { drawnOf, stepOf } from "./thinning.ts";
import { toScreen } from "./view.ts";

/** Above so many points each is a square: circles would take seconds. */
const ROUND_UP_TO = 20_000;

/** Points by Canvas 2D, where there is no WebGL2: slower, and otherwise the same. */
export function createCanvasRenderer(canvas: HTMLCanvasElement): PointRenderer {
  let points = new Float32Array();
  let colours = new Uint8Array();
  let marks = new Uint8Array();
  return {
    kind: "canvas",
    setPoints(next) {
      points = next.slice();
    },
    setColours(next) {
      colours = next.slice();
    },
    setMarks(next) {
      marks = next.slice();
    },
    draw({ view, size, ratio, diameter, palette, passes, share }) {
      fitCanvas(canvas, size, ratio);
      const context = canvas.getContext("2d");
      if (context === null) return;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, size.width, size.height);
      const count = points.length / 2;
      const step = stepOf(count);
      const drawn = drawnOf(count, share);
      const round = count <= ROUND_UP_TO;
      for (const { mark, opacity } of passes) {
        context.globalAlpha = opacity;
        for (let i = 0; i < drawn; i++) {
          const row = (i * step) % count;
          if ((marks[row] ?? 0) !== mark) continue;
          const { x, y } = toScreen(view, size, { x: points[2 * row]!, y: points[2 * row + 1]! });
          // False for NaN too.
          if (!(x > -diameter && y > -diameter && x < size.width + diameter && y < size.height + diameter)) continue;
          context.fillStyle = css(palette[colours[row] ?? 0]!);
          if (!round) {
            context.fillRect(x - diameter / 2, y - diameter / 2, diameter, diameter);
            continue;
          }
          context.beginPath();
          context.arc(x, y, diameter / 2, 0, 2 * Math.PI);
          context.fill();
        }
      }
      context.globalAlpha = 1;
    },
    dispose() {},
  };
}

function css([red, green, blue, alpha]: Colour): string {
  return `rgb(${255 * red} ${255 * green} ${255 * blue} / ${alpha})`;
}
