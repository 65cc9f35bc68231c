import type { SavedProjections } from "../../src/shared/index.ts";

/** What the page keeps of itself. What points are coloured by is kept by the host, for each folder. */
interface PageState {
  /** Paths. */
  readonly selection: readonly string[];
  readonly pictures: boolean;
  /** Categories are named in the maps. */
  readonly names: boolean;
  readonly search: string;
}

/** Of a larger selection nothing is kept while the page is hidden. */
const KEPT = 1000;

/** What VS Code is to keep: the panel's part for the host, and the page's own. */
export function stateToKeep(saved: SavedProjections, { selection, ...rest }: PageState): unknown {
  const { folder, under, parameters } = saved;
  return { folder, under, selection: selection.length > KEPT ? [] : selection, ...rest, parameters };
}

/** Whatever an earlier page left behind. */
export function keptState(state: unknown): PageState {
  const kept: { readonly [K in keyof PageState]?: unknown } = typeof state === "object" && state !== null ? state : {};
  const { selection, pictures, names, search } = kept;
  return {
    selection: Array.isArray(selection) ? selection.filter((path) => typeof path === "string") : [],
    pictures: pictures !== false,
    names: names !== false,
    search: typeof search === "string" ? search : "",
  };
}
