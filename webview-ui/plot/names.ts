import type { Place, Size } from "./view.ts";

/** A name at a place of the plot. */
export interface PlotName {
  readonly text: string;
  /** In the data. */
  readonly at: Place;
  /** Of its points: place in the palette. A dot of it stands before the text, which may lie beside them. */
  readonly colour: number;
  /** It goes before all others, and stands out. */
  readonly strong: boolean;
}

/** A rectangle on the screen, in CSS pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedName {
  readonly name: PlotName;
  /** The middle of the text. */
  readonly at: Place;
}

/** Height of a line of text, and the room that is left around it. CSS pixels. */
const [LINE, ROOM] = [14, 2];
/** Where a name goes whose place is taken: below, above. CSS pixels. */
const SHIFTS = [0, 34, -34];

/**
 * Where names are written so that none covers another one or a picture; those without room are left out.
 * @param names the most important first
 * @param placeOf place on the screen
 * @param widthOf a text's width in CSS pixels
 * @param taken pictures
 */
export function placeNames(
  names: readonly PlotName[],
  size: Size,
  placeOf: (at: Place) => Place,
  widthOf: (name: PlotName) => number,
  taken: readonly Box[],
): PlacedName[] {
  const boxes = [...taken];
  const placed: PlacedName[] = [];
  for (const name of [...names].sort((a, b) => Number(b.strong) - Number(a.strong))) {
    const middle = placeOf(name.at);
    if (!(middle.x >= 0 && middle.y >= 0 && middle.x <= size.width && middle.y <= size.height)) continue;
    const width = widthOf(name);
    // A name near an edge moves in.
    const x = Math.min(Math.max(middle.x, width / 2 + ROOM), size.width - width / 2 - ROOM);
    for (const shift of SHIFTS) {
      const y = Math.min(Math.max(middle.y + shift, LINE / 2 + ROOM), size.height - LINE / 2 - ROOM);
      const box = {
        left: x - width / 2 - ROOM,
        top: y - LINE / 2 - ROOM,
        width: width + 2 * ROOM,
        height: LINE + 2 * ROOM,
      };
      if (boxes.some((other) => overlap(box, other))) continue;
      boxes.push(box);
      placed.push({ name, at: { x, y } });
      break;
    }
  }
  return placed;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}
