import type { ViewOptions } from "./filters.ts";

/** What the page keeps of itself, beside what it keeps for the host. */
export interface PageState {
  readonly options: ViewOptions;
}

/** Reads what was kept; what is missing or from another version is as in a new page. */
export function readPageState(kept: unknown): PageState {
  const options = inside(inside(kept, "page"), "options");
  return { options: { labels: inside(options, "labels") === true } };
}

function inside(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
