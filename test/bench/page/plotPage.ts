/** The browser's side of the drawing bench: four linked plots, as the projections page uses them. */
import type { PlotEvents } from "../../../webview-ui/plot/plotTypes.ts";
import { PointPlot } from "../../../webview-ui/plot/pointPlot.ts";
import { MARK } from "../../../webview-ui/plot/renderer.ts";

/** Milliseconds. */
export interface DrawingFigures {
  readonly count: number;
  /** From nothing to the pixels of all four plots. */
  readonly firstPaint: number;
  /** Script of one hover, over all plots: finding the point, and drawing what lies over the points. Median. */
  readonly hover: number;
  /** The same with the wait for the next frame. Median. */
  readonly hoverToFrame: number;
  /** Script of finding what is inside a lasso, and marking it in all plots. Median. */
  readonly lasso: number;
  /** Points in that lasso. */
  readonly inside: number;
  /** Until its pixels are there in all plots. */
  readonly lassoToPixels: number;
  /** From frame to frame while one plot is zoomed and panned. */
  readonly frameMedian: number;
  readonly frameP95: number;
  /** The same while a selection is there. */
  readonly selectedFrameP95: number;
}

const PLOTS = 4;
const CLASSES = 200;

/** Clusters of points, other places in each plot. */
function clusters(count: number, plot: number): Float32Array {
  let state = 12345 + plot;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const centres = Array.from({ length: CLASSES }, () => [20 * random(), 20 * random()] as const);
  return Float32Array.from({ length: 2 * count }, (_, i) => {
    const centre = centres[(i >> 1) % CLASSES]!;
    return centre[i % 2 === 0 ? 0 : 1] + random() + random() - 1;
  });
}

const quantile = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]!;
const frame = () => new Promise<number>((done) => requestAnimationFrame(done));
/** Waits until everything that was drawn is there. */
const pixels = (host: Element) => {
  const gl = host.querySelector("canvas")!.getContext("webgl2")!;
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
};

/** Time that the page's own frames take: what is scheduled by the plots runs in them. */
let scripted = 0;
const schedule = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (callback) =>
  schedule((now) => {
    const start = performance.now();
    callback(now);
    scripted += performance.now() - start;
  });

/** From frame to frame while a plot is zoomed and panned. */
async function frames(host: HTMLElement, send: (type: string, x: number, y: number) => void): Promise<number[]> {
  const { left, top } = host.getBoundingClientRect();
  const times: number[] = [];
  let last = await frame();
  for (let i = 0; i < 90; i++) {
    if (i < 45) {
      const deltaY = i % 2 === 0 ? -60 : 50;
      host.dispatchEvent(
        new WheelEvent("wheel", { clientX: left + 200, clientY: top + 200, deltaY, cancelable: true }),
      );
    } else {
      if (i === 45) send("pointerdown", 100, 100);
      send("pointermove", 100 + 3 * (i - 44), 100 + 2 * (i - 44));
    }
    const now = await frame();
    times.push(now - last);
    last = now;
  }
  send("pointercancel", 0, 0);
  return times;
}

/** Measures four plots of so many points each. */
export async function measureDrawing(count: number): Promise<DrawingFigures> {
  document.body.replaceChildren();
  document.body.style.cssText = "margin:0;display:grid;grid-template:1fr 1fr/1fr 1fr;gap:8px;width:1200px;height:900px";
  const hosts = Array.from({ length: PLOTS }, () => {
    const host = document.body.appendChild(document.createElement("div"));
    host.style.cssText = "position:relative;min-width:0;min-height:0";
    return host;
  });
  const sheet = document.head.appendChild(document.createElement("style"));
  sheet.textContent = "canvas{position:absolute;inset:0;width:100%;height:100%;pointer-events:none}";
  const data = hosts.map((_, plot) => clusters(count, plot));
  const colours = Uint8Array.from({ length: count }, (_, i) => (i % CLASSES) % 9);
  const palette = Array.from({ length: 9 }, (_, i) => [i / 9, 0.5, 1 - i / 9, 1] as const);
  const ink = {
    name: "#000",
    font: "sans-serif",
    ring: "#000",
    line: "#08c",
    current: "#08c",
    lasso: "#000",
    outside: "#c08",
    ground: "#fff",
  };
  let inside = 0;
  const events: PlotEvents = {
    hover(row) {
      const near = row === undefined ? [] : Array.from({ length: 5 }, (_, i) => (row + 1 + i) % count);
      for (const plot of plots) plot.setLinked(row, near);
    },
    pick() {},
    open() {},
    menu() {},
    settled() {},
    lasso(rows) {
      inside = rows.length;
      const marks = new Uint8Array(count);
      for (const row of rows) marks[row] = MARK.selected;
      for (const plot of plots) plot.setMarks(marks);
    },
  };

  const start = performance.now();
  const plots = hosts.map((host) => new PointPlot(host, events));
  for (const [i, plot] of plots.entries()) {
    plot.setTheme({ palette, ink });
    plot.setColours(colours);
    plot.setMarks(new Uint8Array(count));
    plot.setPoints(data[i]!);
  }
  // The sizes are told at the end of a frame; what is drawn for them comes in the next, behind what is asked for here.
  await frame();
  await frame();
  await frame();
  for (const host of hosts) pixels(host);
  const firstPaint = performance.now() - start;

  const host = hosts[0]!;
  const box = host.getBoundingClientRect();
  const send = (type: string, x: number, y: number, more: MouseEventInit = {}) =>
    host.dispatchEvent(new PointerEvent(type, { clientX: box.left + x, clientY: box.top + y, pointerId: 1, ...more }));
  host.setPointerCapture = () => {};
  // The tree of points is made once, by the first who asks.
  send("pointermove", 1, 1);
  await frame();
  await frame();

  const hovers: number[] = [];
  const hoversToFrame: number[] = [];
  for (let i = 0; i < 40; i++) {
    const { x, y } = plots[0]!.positionOf((i * 7919) % count)!;
    scripted = 0;
    const before = performance.now();
    send("pointermove", x, y);
    const handled = performance.now() - before;
    await frame();
    hoversToFrame.push(performance.now() - before);
    hovers.push(handled + scripted);
    await frame();
  }

  const times = await frames(host, send);
  plots[0]!.fit();
  await frame();

  const corners = [
    [0.25, 0.25],
    [0.7, 0.3],
    [0.65, 0.75],
    [0.3, 0.7],
  ].map(([x, y]) => [x! * box.width, y! * box.height] as const);
  const lassos: number[] = [];
  const lassosToPixels: number[] = [];
  for (let i = 0; i < 5; i++) {
    send("pointerdown", ...corners[0]!, { shiftKey: true });
    for (const corner of corners) send("pointermove", ...corner, { shiftKey: true });
    await frame();
    const before = performance.now();
    send("pointerup", ...corners[3]!);
    lassos.push(performance.now() - before);
    await frame();
    await frame();
    for (const each of hosts) pixels(each);
    lassosToPixels.push(performance.now() - before);
  }

  const selected = await frames(host, send);
  for (const plot of plots) plot.dispose();
  sheet.remove();
  return {
    count,
    firstPaint,
    hover: quantile(hovers, 0.5),
    hoverToFrame: quantile(hoversToFrame, 0.5),
    lasso: quantile(lassos, 0.5),
    inside,
    lassoToPixels: quantile(lassosToPixels, 0.5),
    frameMedian: quantile(times, 0.5),
    frameP95: quantile(times, 0.95),
    selectedFrameP95: quantile(selected, 0.95),
  };
}
