import type { Column } from "./viewModel.ts";

/** Pixels that a list needs beside others; where there is less for each of them, one stands behind tabs. */
const LEAST = 120;
/** The same of more than four, whose heads are letters. */
const LEAST_OF_MANY = 80;
/** Below this many pixels of a list, its cards are pictures alone. */
const PICTURES = 200;
/** From this many on, words stand beside the picture. */
const BESIDE = 265;

/** How the lists stand in their room. */
export interface Room {
  /** There is room for one only. */
  readonly narrow: boolean;
  /** Of its cards: pictures with rank and score on them, words below, or words beside them. */
  readonly look: "pictures" | "below" | "beside";
  /** Width of a list, in pixels. */
  readonly column: number;
}

/** @param width of all lists, in pixels @param lists that are to stand beside each other */
export function roomFor(width: number, lists: number): Room {
  const column = width / Math.max(1, lists);
  if (column < (lists > 4 ? LEAST_OF_MANY : LEAST)) return { narrow: true, look: "beside", column: width };
  return { narrow: false, look: column < PICTURES ? "pictures" : column < BESIDE ? "below" : "beside", column };
}

/** How wide a rank beside a picture is, in its digits, with the one by score where any card of the lists was moved. */
export function rankWidth(columns: readonly Column[]): number {
  const rows = Math.max(0, ...columns.map(({ cards }) => cards.length));
  const moved = columns.some(({ cards }) => cards.some(({ from }) => from !== null));
  return Math.max(String(rows).length + 0.2, moved ? 4.4 : 2.2);
}
