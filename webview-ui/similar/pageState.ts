import type { ViewOptions } from "./filters.ts";
import { SIZES, USUAL_SIZE } from "./sizes.ts";
import { LEAST_HEIGHT } from "./stripHeight.ts";
import type { WhyOptions } from "./why.ts";

/** What the page keeps of itself, beside what it keeps for the host. */
export interface PageState {
  readonly options: ViewOptions;
  readonly why: WhyOptions;
  /** Of pictures: number in `SIZES`. */
  readonly size: number;
  /** One list over the whole width. */
  readonly grid: boolean;
  /** Path of the image that is looked at more closely. */
  readonly selected: string | null;
}

/**
 * Reads what was kept; what is missing or from another version is as in a new page.
 * @param labelled whether a new page marks labels: a table for them was chosen before
 */
export function readPageState(kept: unknown, labelled = false): PageState {
  const page = inside(kept, "page");
  const options = inside(page, "options");
  const why = inside(page, "why");
  const strength = inside(why, "strength");
  const height = inside(why, "height");
  const selected = inside(page, "selected");
  const size = inside(page, "size");
  return {
    options: {
      labels: inside(options, "labels") === true || (page === undefined && labelled),
      collapse: inside(options, "collapse") === true,
      perLabel: inside(options, "perLabel") === true,
    },
    why: {
      overlay: inside(why, "overlay") !== false,
      height: typeof height === "number" && height >= LEAST_HEIGHT && height <= 2000 ? height : null,
      strength: typeof strength === "number" && strength >= 0 && strength <= 1 ? strength : 1,
    },
    size: typeof size === "number" && SIZES[size] !== undefined ? size : USUAL_SIZE,
    grid: inside(page, "grid") === true,
    selected: typeof selected === "string" ? selected : null,
  };
}

function inside(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
