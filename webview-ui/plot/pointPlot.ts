import { createCanvasRenderer } from "./canvasRenderer.ts";
import { countIn, opacityOf } from "./crowd.ts";
import { gesturesOf } from "./gestures.ts";
import { MOVE_DURATION, Move } from "./move.ts";
import type { PlotName } from "./names.ts";
import { drawOverlay, PICTURE_SIZE, type Rings } from "./overlay.ts";
import { Pace } from "./pace.ts";
import { clearer, passesOf } from "./passes.ts";
import { drawnPictures } from "./pictures.ts";
import type { PictureSource, PlotEvents, PlotTheme } from "./plotTypes.ts";
import { type Gestures, listen } from "./pointer.ts";
import { diameterOf, type Pass, type PointRenderer } from "./renderer.ts";
import { seenIn } from "./seen.ts";
import { Targets } from "./targets.ts";
import { fitView, type Place, pan, type Size, toData, toScreen, type View, zoomAt } from "./view.ts";
import { createWebglRenderer } from "./webglRenderer.ts";

/** Points that are that near to the pointer are meant. CSS pixels. */
const REACH = 10;
/** Around all points when they fit: half a picture, so that none is cut. CSS pixels. */
const MARGIN = PICTURE_SIZE / 2 + 4;
const NO_RINGS: Rings = { strong: [], thin: [] };

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
  readonly #targets = new Targets();
  #move: Move | undefined;
  #marks: Uint8Array = new Uint8Array();
  #passes: readonly Pass[] = passesOf(new Uint8Array());
  #colours: Uint8Array = new Uint8Array();
  #rings = NO_RINGS;
  #names: readonly PlotName[] = [];
  /** Of a point, in CSS pixels: the fewer in view where it rests, the larger each. */
  #diameter = diameterOf(0);
  /** Of the points where many lie over each other. */
  #opacity = 1;
  #pictures: ReadonlyMap<number, PictureSource> = new Map();
  /** Rows whose pictures are drawn. */
  #pictured: readonly number[] = [];
  #theme: PlotTheme | undefined;
  #linked: number | undefined;
  #near: readonly number[] = [];
  #current: number | undefined;
  #lasso: readonly Place[] = [];
  #frame = 0;
  readonly #pace = new Pace();
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

  /**
   * @param points float32 `[count, 2]`; the same number as before moves there, another one replaces them at once
   * @param duration of the move, in milliseconds
   */
  setPoints(points: Float32Array, duration = MOVE_DURATION): void {
    this.#move = Move.between(this.#points, points, duration);
    this.#targets.forget();
    if (this.#move === undefined) this.#place(points);
    this.#redraw();
  }

  /** uint8 `[count]`: index of each point's colour in the theme's palette. */
  setColours(colours: Uint8Array): void {
    this.#colours = colours;
    this.#renderer.setColours(colours);
    this.#redraw();
  }

  /** uint8 `[count]`, see `MARK`: where points are selected the others step back; what is out cannot be pointed at. */
  setMarks(marks: Uint8Array): void {
    this.#renderer.setMarks(marks);
    this.#marks = marks;
    this.#targets.setMarks(marks);
    this.#passes = passesOf(marks);
    this.#redraw();
  }

  /** Rings around points that something outside of the plot is about. */
  setRings(rings: Rings): void {
    this.#rings = rings;
    this.#redrawOverlay();
  }

  /** Names of parts of the plot, the most important first: as many are written as have room. */
  setNames(names: readonly PlotName[]): void {
    this.#names = names;
    this.#redrawOverlay();
  }

  /** What is drawn in place of points, by row. */
  setPictures(pictures: ReadonlyMap<number, PictureSource>): void {
    this.#pictures = pictures;
    this.#redrawOverlay();
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

  /** What is drawn, for a picture of it elsewhere. */
  get drawn(): {
    readonly points: Float32Array;
    readonly colours: Uint8Array;
    readonly marks: Uint8Array;
    readonly passes: readonly Pass[];
  } {
    return { points: this.#points, colours: this.#colours, marks: this.#marks, passes: this.#passes };
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
    return row === undefined ? this.#targets.nearest(middle, Number.MAX_VALUE) : this.#targets.towards(row, direction);
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#pace.end();
    this.#resized.disconnect();
    this.#unlisten();
    this.#renderer.dispose();
    this.#host.replaceChildren();
  }

  #gestures(): Gestures {
    const plot = {
      rowAt: (place: Place) => this.#rowAt(place),
      inside: (corners: readonly Place[]) =>
        this.#targets.inside(corners.map((corner) => toData(this.#view, this.#size, corner))),
      pan: (dx: number, dy: number) => this.#look(pan(this.#view, dx, dy)),
      zoom: (place: Place, factor: number) => this.#look(zoomAt(this.#view, this.#size, place, factor)),
      drawLasso: (corners: readonly Place[]) => {
        this.#lasso = corners;
        this.#redrawOverlay();
      },
    };
    return gesturesOf(plot, this.#events);
  }

  #rowAt(place: Place): number | undefined {
    const reach = REACH / this.#view.scale;
    const nearest = this.#targets.nearest(toData(this.#view, this.#size, place), reach);
    return nearest ?? this.#pictured.find((row) => this.#targets.has(row) && this.#isIn(row, place));
  }

  /** Whether a place is in the picture of a point. */
  #isIn(row: number, place: Place): boolean {
    const at = this.positionOf(row);
    return at !== undefined && Math.max(Math.abs(at.x - place.x), Math.abs(at.y - place.y)) <= PICTURE_SIZE / 2;
  }

  #look(view: View): void {
    this.#fitted = false;
    this.#pace.moves();
    this.#view = view;
    this.#redraw();
  }

  #resize(): void {
    this.#size = { width: this.#host.clientWidth, height: this.#host.clientHeight };
    this.#redraw();
  }

  /** What the view shows is told where it rests, after it was drawn as it stays. */
  #settle(thinned: boolean): void {
    if (this.#move !== undefined) return;
    const before = [this.#diameter, this.#opacity];
    this.#diameter = this.#fitted
      ? diameterOf(this.#points.length / 2)
      : diameterOf(countIn(this.#points, this.#view, this.#size));
    this.#opacity = opacityOf(this.#points, this.#view, this.#size, this.#diameter);
    if (thinned || this.#diameter !== before[0] || this.#opacity !== before[1]) this.#redraw();
    else this.#events.settled(seenIn(this.#points, this.#view, this.#size, this.#targets, this.#fitted));
  }

  #place(points: Float32Array): void {
    if (points.length !== this.#points.length) this.#diameter = diameterOf(points.length / 2);
    this.#points = points;
    this.#targets.setPoints(points);
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
      const { points, arrived } = this.#move.at(now);
      if (arrived) this.#move = undefined;
      this.#place(points);
      this.#redraw();
    }
    if (this.#theme === undefined || this.#size.width * this.#size.height === 0) return;
    if (this.#fitted && this.#stale) this.#view = fitView(this.#points, this.#size, MARGIN);
    const ratio = window.devicePixelRatio;
    const diameter = this.#diameter;
    const { palette, ink } = this.#theme;
    const shared = { view: this.#view, size: this.#size, ratio, diameter };
    if (this.#stale) {
      this.#renderer.draw({
        ...shared,
        palette,
        passes: clearer(this.#passes, this.#opacity),
        share: this.#pace.share,
      });
      this.#pace.drawn(now, this.#points.length / 2);
      this.#pace.whenAtRest((thinned) => this.#settle(thinned));
    }
    this.#stale = false;
    this.#pictured = drawOverlay(this.#overlay, {
      ...shared,
      points: this.#points,
      linked: this.#linked,
      near: this.#near,
      rings: {
        strong: this.#rings.strong.filter(this.#targets.has),
        thin: this.#rings.thin.filter(this.#targets.has),
      },
      pictures: drawnPictures(this.#pictures, palette, this.#colours, this.#marks, this.#passes),
      palette,
      names: this.#pace.share < 1 ? [] : this.#names,
      current: this.#current,
      lasso: this.#lasso,
      ink,
    });
  }
}
