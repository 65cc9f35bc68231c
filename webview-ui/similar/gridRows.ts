import type { Position } from "./navigation.ts";
import { SIZES } from "./sizes.ts";

/** Width of a card of the usual size; the style sheet gives it about the same height. Pixels. */
const CARD = 120;
/** Rows that PageUp and PageDown move by. */
const PAGE = 5;

/** How the cards of a single list lie: so many beside each other. */
export class GridRows {
  /** Cards beside each other; 1 where lists lie beside each other. */
  readonly perRow: number;

  /** @param width of the lists, in pixels @param size number in `SIZES` */
  static of(grid: boolean, width: number, size: number): GridRows {
    return new GridRows(grid ? Math.max(1, Math.floor(width / (CARD * (SIZES[size] ?? 1)))) : 1);
  }

  private constructor(perRow: number) {
    this.perRow = perRow;
  }

  /** Rows that so many cards take. */
  rows(cards: number): number {
    return Math.ceil(cards / this.perRow);
  }

  /** Row of a card. */
  rowOf(card: number): number {
    return Math.floor(card / this.perRow);
  }

  /** Numbers of the cards of a row. */
  cardsOf(row: number): number[] {
    return Array.from({ length: this.perRow }, (_, i) => row * this.perRow + i);
  }

  /**
   * Where a key moves the focus in a grid. @param at number of the card, as `row` @param count of cards
   * @returns undefined for a key that moves nothing
   */
  move(key: string, { column, row: at }: Position, count: number): Position | undefined {
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: this.perRow,
      ArrowUp: -this.perRow,
      PageDown: PAGE * this.perRow,
      PageUp: -PAGE * this.perRow,
      Home: -count,
      End: count,
    };
    const step = steps[key];
    if (step === undefined || count === 0) return undefined;
    return { column, row: Math.max(0, Math.min(count - 1, at + step)) };
  }
}
