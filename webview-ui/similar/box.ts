import type { Box } from "../../src/shared/index.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Rect extends Point {
  readonly width: number;
  readonly height: number;
}

/** Smallest side of a box, as a fraction of the image. */
const LEAST = 0.02;
/** What an arrow key moves or resizes by. */
const STEP = 0.02;
/** Box that the keyboard starts with. */
const FIRST: Box = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 };

/** Where an image lies that is letterboxed in a frame. Pixels of the frame. */
export function letterbox(frame: { width: number; height: number }, image: { width: number; height: number }): Rect {
  const scale = Math.min(frame.width / image.width, frame.height / image.height);
  const width = image.width * scale;
  const height = image.height * scale;
  return { x: (frame.width - width) / 2, y: (frame.height - height) / 2, width, height };
}

/** A point of the frame as a fraction of the image, inside of it. */
export function fractionAt(point: Point, image: Rect): Point {
  return { x: clamp((point.x - image.x) / image.width), y: clamp((point.y - image.y) / image.height) };
}

/** The box between two points, given as fractions of the image; null where it is too small to be meant. */
export function boxBetween(a: Point, b: Point): Box | null {
  const width = Math.abs(a.x - b.x);
  const height = Math.abs(a.y - b.y);
  if (width < LEAST || height < LEAST) return null;
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width, height };
}

/** A box moved by a fraction of the image; it stays inside. */
export function moved(box: Box, dx: number, dy: number): Box {
  return {
    ...box,
    x: Math.min(1 - box.width, Math.max(0, box.x + dx)),
    y: Math.min(1 - box.height, Math.max(0, box.y + dy)),
  };
}

/** A box whose right and lower edges are moved; it stays inside, and large enough to be seen. */
export function resized(box: Box, dx: number, dy: number): Box {
  return {
    ...box,
    width: Math.min(1 - box.x, Math.max(LEAST, box.width + dx)),
    height: Math.min(1 - box.y, Math.max(LEAST, box.height + dy)),
  };
}

/** The corner of a box that stays where it is while the one near `point` is dragged; undefined where none is near. */
export function oppositeCorner(box: Box, point: Point, nearX: number, nearY: number): Point | undefined {
  const left = Math.abs(point.x - box.x) <= nearX;
  const right = Math.abs(point.x - box.x - box.width) <= nearX;
  const top = Math.abs(point.y - box.y) <= nearY;
  const bottom = Math.abs(point.y - box.y - box.height) <= nearY;
  if (!((left || right) && (top || bottom))) return undefined;
  return { x: left ? box.x + box.width : box.x, y: top ? box.y + box.height : box.y };
}

export function contains(box: Box, { x, y }: Point): boolean {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
}

/**
 * What a key makes of a box: arrows move, with Shift they resize, Escape clears; Enter draws one where there is none.
 * @returns undefined for a key that does nothing
 */
export function keyed(key: string, shift: boolean, box: Box | null): Box | null | undefined {
  if (box === null) return key === "Enter" ? FIRST : undefined;
  const change = shift ? resized : moved;
  switch (key) {
    case "ArrowLeft":
      return change(box, -STEP, 0);
    case "ArrowRight":
      return change(box, STEP, 0);
    case "ArrowUp":
      return change(box, 0, -STEP);
    case "ArrowDown":
      return change(box, 0, STEP);
    case "Escape":
    case "Delete":
      return null;
    default:
      return undefined;
  }
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
