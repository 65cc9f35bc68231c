import type { SavedProjections } from "../../src/shared/index.ts";

/** What the page keeps of itself. */
interface PageState {
  /** Paths. */
  readonly selection: readonly string[];
  readonly pictures: boolean;
}

/** Of a larger selection nothing is kept while the page is hidden. */
const KEPT = 1000;

/** What VS Code is to keep: the panel's part for the host, and the page's own. */
export function stateToKeep(saved: SavedProjections, { selection, pictures }: PageState): unknown {
  const { folder, under, parameters } = saved;
  return { folder, under, selection: selection.length > KEPT ? [] : selection, pictures, parameters };
}

/** Whatever an earlier page left behind. */
export function keptState(state: unknown): PageState {
  const { selection, pictures }: { selection?: unknown; pictures?: unknown } =
    typeof state === "object" && state !== null ? state : {};
  return {
    selection: Array.isArray(selection) ? selection.filter((path) => typeof path === "string") : [],
    pictures: pictures !== false,
  };
}
