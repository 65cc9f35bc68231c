import { createCanvasRenderer } from "./canvasRenderer.ts";
import { drawOverlay, type OverlayInk } from "./overlay.ts";
import { nextTowards, PointIndex } from "./picking.ts";
import { type Gestures, listen } from "./pointer.ts";
import type { Colour, PointRenderer } from "./renderer.ts";
import { fitView, type Place, pan, type Size, toData, toScreen, type View, zoomAt } from "./view.ts";
import { createWebglRenderer } from "./webglRenderer.ts";

export interface PlotTheme {
  readonly palette: readonly Colour[];
  readonly ink: OverlayInk;
}

export interface PlotEvents {
  /** The pointer is at another point, or at none. */
  hover(row: number | undefined): void;
  /** @param more the point is added to what is selected, or taken out of it */
  pick(row: number, more: boolean): void;
  open(row: number): void;
  /** @param more the points are added to what is selected */
  lasso(rows: readonly number[], more: boolean): void;
}

/** Points that are that near to the pointer are meant. CSS pixels. */
const REACH = 10;
/** Around all points when they fit. CSS pixels. */
const MARGIN = 18;
/** Time in which points move to where they are next, and up to how many do so. Milliseconds. */
const MOVE = { duration: 250, most: 50_000 };
/** Opacity of what is not selected while something is. */
const UNMARKED = 0.3;

/** A scatter plot that can be zoomed, panned, hovered and lassoed. It knows rows and nothing of what they stand for. */
export class PointPlot {
  readonly #host: HTMLElement;
  readonly #events: PlotEvents;
  readonly #overlay: HTMLCanvasElement;
  readonly #renderer: PointRenderer;
  readonly #resized = new ResizeObserver(() => this.#resize());
  readonly #unlisten: () => void;
  #size: Size = { width: 0, height: 0 };
  #view: View = { x: 0, y: 0, scale: 1 };
  /** The view is the one that holds all points, until the user chooses another. */
  #fitted = true;
  #points: Float32Array = new Float32Array();
  #index: PointIndex | undefined;
  #move: { readonly from: Float32Array; readonly to: Float32Array; readonly start: number } | undefined;
  #marked = false;
  #theme: PlotTheme | undefined;
  #linked: number | undefined;
  #near: readonly number[] = [];
  #current: number | undefined;
  #lasso: readonly Place[] = [];
  #hovered: number | undefined;
  #frame = 0;
  /** The points are not drawn as they are now; what lies over them always is drawn anew. */
  #stale = true;

  /** @param host gets the canvases; it must be positioned */
  constructor(host: HTMLElement, events: PlotEvents) {
    this.#host = host;
    this.#events = events;
    let canvas = host.appendChild(document.createElement("canvas"));
    let renderer = createWebglRenderer(canvas, () => this.#redraw());
    if (renderer === undefined) {
      // A canvas that gave a context of one kind, even a broken one, gives no other.
      canvas.remove();
      canvas = host.appendChild(document.createElement("canvas"));
      renderer = createCanvasRenderer(canvas);
    }
    this.#renderer = renderer;
    this.#overlay = host.appendChild(document.createElement("canvas"));
    this.#unlisten = listen(host, this.#gestures());
    this.#resized.observe(host);
  }

  /** Whether the points are drawn by WebGL or without. */
  get kind(): PointRenderer["kind"] {
    return this.#renderer.kind;
  }

  /** @param points float32 `[count, 2]`; the same number as before moves there, another one replaces them at once */
  setPoints(points: Float32Array): void {
    const count = points.length / 2;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const moves = !still && points.length === this.#points.length && count > 0 && count <= MOVE.most;
    this.#move = moves ? { from: this.#points, to: points, start: performance.now() } : undefined;
    this.#index = undefined;
    if (!moves) this.#place(points);
    this.#redraw();
  }

  /** uint8 `[count]`: index of each point's colour in the theme's palette. */
  setColours(colours: Uint8Array): void {
    this.#renderer.setColours(colours);
    this.#redraw();
  }

  /** uint8 `[count]`: 1 where a point is selected; the others step back. */
  setMarks(marks: Uint8Array): void {
    this.#renderer.setMarks(marks);
    this.#marked = marks.includes(1);
    this.#redraw();
  }

  setTheme(theme: PlotTheme): void {
    this.#theme = theme;
    this.#redraw();
  }

  /** Lights a point up, with lines to others. */
  setLinked(row: number | undefined, near: readonly number[]): void {
    this.#linked = row;
    this.#near = near;
    this.#redrawOverlay();
  }

  setCurrent(row: number | undefined): void {
    this.#current = row;
    this.#redrawOverlay();
  }

  /** Shows all points. */
  fit(): void {
    this.#fitted = true;
    this.#redraw();
  }

  /** Where a point is, in CSS pixels from the top left of the host; undefined where it has no place. */
  positionOf(row: number): Place | undefined {
    const place = toScreen(this.#view, this.#size, { x: this.#points[2 * row]!, y: this.#points[2 * row + 1]! });
    return Number.isFinite(place.x + place.y) ? place : undefined;
  }

  /** The next point in a direction; without one to start from, the point in the middle. */
  towards(row: number | undefined, direction: Place): number | undefined {
    const middle = toData(this.#view, this.#size, { x: this.#size.width / 2, y: this.#size.height / 2 });
    if (row === undefined) return this.#indexed().nearest(middle, Number.MAX_VALUE);
    return nextTowards(this.#points, row, direction);
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#resized.disconnect();
    this.#unlisten();
    this.#renderer.dispose();
    this.#host.replaceChildren();
  }

  #gestures(): Gestures {
    return {
      at: (place) => this.#hover(place),
      click: (place, more) => {
        const row = this.#rowAt(place);
        if (row !== undefined) this.#events.pick(row, more);
      },
      doubleClick: (place) => {
        const row = this.#rowAt(place);
        if (row !== undefined) this.#events.open(row);
      },
      drag: (dx, dy) => this.#look(pan(this.#view, dx, dy)),
      wheel: (place, factor) => this.#look(zoomAt(this.#view, this.#size, place, factor)),
      draw: (corners) => {
        this.#lasso = corners;
        this.#redrawOverlay();
      },
      drawn: (corners, more) => {
        this.#lasso = [];
        const polygon = corners.map((corner) => toData(this.#view, this.#size, corner));
        this.#events.lasso(this.#indexed().inside(polygon), more);
        this.#redrawOverlay();
      },
    };
  }

  #hover(place: Place | undefined): void {
    const row = place === undefined ? undefined : this.#rowAt(place);
    if (row === this.#hovered) return;
    this.#hovered = row;
    this.#events.hover(row);
  }

  #rowAt(place: Place): number | undefined {
    return this.#indexed().nearest(toData(this.#view, this.#size, place), REACH / this.#view.scale);
  }

  #indexed(): PointIndex {
    this.#index ??= new PointIndex(this.#points);
    return this.#index;
  }

  #look(view: View): void {
    this.#fitted = false;
    this.#view = view;
    this.#redraw();
  }

  #resize(): void {
    this.#size = { width: this.#host.clientWidth, height: this.#host.clientHeight };
    this.#redraw();
  }

  #place(points: Float32Array): void {
    this.#points = points;
    this.#index = undefined;
    this.#renderer.setPoints(points);
  }

  #redraw(): void {
    this.#stale = true;
    this.#redrawOverlay();
  }

  /** Without the points, which take long where there are many. */
  #redrawOverlay(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame((now) => {
      this.#frame = 0;
      this.#draw(now);
    });
  }

  #draw(now: number): void {
    if (this.#move !== undefined) {
      const { from, to, start } = this.#move;
      const share = Math.min(1, Math.max(0, (now - start) / MOVE.duration));
      if (share === 1) this.#move = undefined;
      this.#place(share === 1 ? to : between(from, to, share));
      this.#redraw();
    }
    const { width, height } = this.#size;
    if (this.#theme === undefined || width === 0 || height === 0) return;
    if (this.#fitted && this.#stale) this.#view = fitView(this.#points, this.#size, MARGIN);
    const ratio = window.devicePixelRatio;
    const diameter = diameterOf(this.#points.length / 2);
    const { palette, ink } = this.#theme;
    const shared = { view: this.#view, size: this.#size, ratio, diameter };
    if (this.#stale) this.#renderer.draw({ ...shared, palette, unmarked: this.#marked ? UNMARKED : 1 });
    this.#stale = false;
    drawOverlay(this.#overlay, {
      ...shared,
      points: this.#points,
      linked: this.#linked,
      near: this.#near,
      current: this.#current,
      lasso: this.#lasso,
      ink,
    });
  }
}

/** A point that has no place yet is where it goes at once. */
function between(from: Float32Array, to: Float32Array, share: number): Float32Array {
  const eased = share * (2 - share);
  return to.map((value, i) => {
    const before = from[i]!;
    return Number.isFinite(before) ? before + (value - before) * eased : value;
  });
}

/** The more points, the smaller each. CSS pixels. */
function diameterOf(count: number): number {
  return Math.min(10, Math.max(2.5, 22 / Math.max(1, count) ** 0.2));
}
