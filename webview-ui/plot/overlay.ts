import { type PlotName, placeNames } from "./names.ts";
import { cssOf } from "./painter.ts";
import { type Colour, fitCanvas } from "./renderer.ts";
import { type Place, type Size, toScreen, type View } from "./view.ts";

/** What is drawn over the points. */
export interface Overlay {
  readonly view: View;
  readonly size: Size;
  readonly ratio: number;
  /** Diameter of a point in CSS pixels. */
  readonly diameter: number;
  /** float32 `[count, 2]` */
  readonly points: Float32Array;
  /** The point that is linked to the other maps, and those that lines go to. */
  readonly linked: number | undefined;
  readonly near: readonly number[];
  /** Points that something outside of the plot is about: the first kind stands out more. */
  readonly rings: Rings;
  /** Drawn in place of points. */
  readonly pictures: readonly Picture[];
  /** Names of parts of the plot, the most important first. */
  readonly names: readonly PlotName[];
  readonly palette: readonly Colour[];
  /** The point that the keyboard is at. */
  readonly current: number | undefined;
  /** Corners of the lasso in CSS pixels. */
  readonly lasso: readonly Place[];
  readonly ink: OverlayInk;
}

export interface Rings {
  readonly strong: readonly number[];
  readonly thin: readonly number[];
}

/** What stands for a point: a picture in a frame of the point's colour. */
export interface Picture {
  readonly row: number;
  readonly image: CanvasImageSource;
  /** Of the image, in any unit. */
  readonly width: number;
  readonly height: number;
  /** CSS. */
  readonly frame: string;
  /** 0..1 */
  readonly opacity: number;
}

/** CSS colours. */
export interface OverlayInk {
  /** Of names, and their font. */
  readonly name: string;
  readonly font: string;
  readonly ring: string;
  readonly line: string;
  readonly current: string;
  readonly lasso: string;
  /** Of the rings. */
  readonly outside: string;
  /** Behind a ring and a line, so that they show on points of any colour. */
  readonly ground: string;
}

/** Longest side of a picture. CSS pixels. */
export const PICTURE_SIZE = 44;

/** @returns the points that a picture stands for: there was room for it */
export function drawOverlay(canvas: HTMLCanvasElement, overlay: Overlay): number[] {
  const { view, size, ratio, diameter, points, linked, near, current, lasso, rings, pictures, names, palette, ink } =
    overlay;
  fitCanvas(canvas, size, ratio);
  const context = canvas.getContext("2d");
  if (context === null) return [];
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  const placeOf = (row: number) => toScreen(view, size, { x: points[2 * row] ?? NaN, y: points[2 * row + 1] ?? NaN });
  const stroke = (colour: string, width: number) => {
    context.strokeStyle = ink.ground;
    context.lineWidth = width + 2;
    context.stroke();
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  };
  const shown = arrange(pictures, placeOf);
  const framed = new Map(shown.map((each) => [each.picture.row, each]));
  const ring = (row: number, colour: string, grow: number, width: number) => {
    const { x, y } = placeOf(row);
    if (!Number.isFinite(x + y)) return;
    const { covered = true, width: across, height } = framed.get(row) ?? {};
    context.beginPath();
    if (covered || across === undefined || height === undefined) context.arc(x, y, diameter / 2 + grow, 0, 2 * Math.PI);
    else context.rect(x - across / 2 - grow, y - height / 2 - grow, across + 2 * grow, height + 2 * grow);
    stroke(colour, width);
  };
  // There may be many: under what is to be read.
  for (const row of rings.thin) ring(row, ink.outside, 2, 1);
  drawPictures(context, shown, ink);
  drawNames(
    context,
    names,
    palette,
    size,
    view,
    ink,
    shown.filter(({ covered }) => !covered),
  );
  for (const row of rings.strong) ring(row, ink.outside, 5, 3);
  if (linked !== undefined) {
    const from = placeOf(linked);
    context.beginPath();
    for (const row of near) {
      const to = placeOf(row);
      const length = Math.hypot(to.x - from.x, to.y - from.y);
      // From ring to ring: the colours of the points stay in sight.
      const gap = (diameter / 2 + 3) / length;
      if (!(gap < 0.5)) continue;
      context.moveTo(from.x + (to.x - from.x) * gap, from.y + (to.y - from.y) * gap);
      context.lineTo(to.x - (to.x - from.x) * gap, to.y - (to.y - from.y) * gap);
    }
    stroke(ink.line, 1.5);
    for (const row of near) ring(row, ink.line, 1.5, 1.5);
    ring(linked, ink.ring, 3, 2);
  }
  if (current !== undefined) ring(current, ink.current, 5, 2);
  if (lasso.length > 1) {
    context.beginPath();
    for (const { x, y } of lasso) context.lineTo(x, y);
    context.closePath();
    context.setLineDash([4, 3]);
    stroke(ink.lasso, 1.5);
    context.setLineDash([]);
  }
  return shown.filter(({ covered }) => !covered).map(({ picture }) => picture.row);
}

interface Arranged {
  readonly picture: Picture;
  readonly at: Place;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Another picture is in its place: it stays a point. */
  readonly covered: boolean;
}

/** Pictures that would hide others stay points until there is room. */
function arrange(pictures: readonly Picture[], placeOf: (row: number) => Place): Arranged[] {
  const taken: Place[] = [];
  return pictures.map((picture) => {
    const at = placeOf(picture.row);
    const scale = PICTURE_SIZE / Math.max(picture.width, picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    const covered = taken.some(({ x, y }) => Math.max(Math.abs(x - at.x), Math.abs(y - at.y)) < 0.75 * PICTURE_SIZE);
    if (!covered) taken.push(at);
    return { picture, at, width, height, covered };
  });
}

function drawPictures(context: CanvasRenderingContext2D, all: readonly Arranged[], { ground }: OverlayInk): void {
  for (const { picture, at, width, height, covered } of all) {
    if (covered) continue;
    context.globalAlpha = picture.opacity;
    context.fillStyle = picture.frame;
    context.fillRect(at.x - width / 2 - 2, at.y - height / 2 - 2, width + 4, height + 4);
    // What the model sees behind transparent pixels, too.
    context.fillStyle = "#fff";
    context.fillRect(at.x - width / 2, at.y - height / 2, width, height);
    context.drawImage(picture.image, at.x - width / 2, at.y - height / 2, width, height);
  }
  for (const { picture, at, covered } of all) {
    if (!covered) continue;
    context.globalAlpha = picture.opacity;
    context.beginPath();
    context.arc(at.x, at.y, 5, 0, 2 * Math.PI);
    context.fillStyle = picture.frame;
    context.fill();
    context.strokeStyle = ground;
    context.lineWidth = 1.5;
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** The dot before a name, and the room for it. CSS pixels. */
const DOT = { radius: 4, room: 11 };

function drawNames(
  context: CanvasRenderingContext2D,
  names: readonly PlotName[],
  palette: readonly Colour[],
  size: Size,
  view: View,
  ink: OverlayInk,
  pictures: readonly Arranged[],
): void {
  if (names.length === 0) return;
  const font = ({ strong }: PlotName) => `${strong ? "700 13px" : "600 11px"} ${ink.font}`;
  const widthOf = (name: PlotName) => {
    context.font = font(name);
    return context.measureText(name.text).width + DOT.room;
  };
  const taken = pictures.map(({ at, width, height }) => ({
    left: at.x - width / 2 - 2,
    top: at.y - height / 2 - 2,
    width: width + 4,
    height: height + 4,
  }));
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const { name, at } of placeNames(names, size, (place) => toScreen(view, size, place), widthOf, taken)) {
    context.font = font(name);
    context.strokeStyle = ink.ground;
    context.lineWidth = 4;
    const middle = at.x + DOT.room / 2;
    context.strokeText(name.text, middle, at.y);
    context.fillStyle = ink.name;
    context.fillText(name.text, middle, at.y);
    context.beginPath();
    context.arc(at.x - widthOf(name) / 2 + DOT.radius, at.y, DOT.radius, 0, 2 * Math.PI);
    context.lineWidth = 2;
    context.stroke();
    context.fillStyle = cssOf(palette[name.colour]!);
    context.fill();
  }
}
