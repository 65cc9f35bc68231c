import type { ColumnChoice, SavedProjections } from "../../src/shared/index.ts";

/** What the page keeps of itself. */
interface PageState {
  /** Paths. */
  readonly selection: readonly string[];
  readonly pictures: boolean;
  readonly search: string;
  /** What points are coloured by; null is their folder. */
  readonly choice: ColumnChoice | null;
}

const KINDS: readonly ColumnChoice["kind"][] = ["pixels", "modified", "moved", "agreement", "table"];

/** Of a larger selection nothing is kept while the page is hidden. */
const KEPT = 1000;

/** What VS Code is to keep: the panel's part for the host, and the page's own. */
export function stateToKeep(saved: SavedProjections, { selection, ...rest }: PageState): unknown {
  const { folder, under, parameters } = saved;
  return { folder, under, selection: selection.length > KEPT ? [] : selection, ...rest, parameters };
}

/** Whatever an earlier page left behind; `choice` is undefined where it left nothing. */
export function keptState(
  state: unknown,
): Omit<PageState, "choice"> & { readonly choice: ColumnChoice | null | undefined } {
  const kept: { readonly [K in keyof PageState]?: unknown } = typeof state === "object" && state !== null ? state : {};
  const { selection, pictures, search, choice } = kept;
  return {
    selection: Array.isArray(selection) ? selection.filter((path) => typeof path === "string") : [],
    pictures: pictures !== false,
    search: typeof search === "string" ? search : "",
    choice: isChoice(choice) || choice === null ? choice : undefined,
  };
}

/** Its parts are looked at by the host, whenever it is asked for the values. */
function isChoice(value: unknown): value is ColumnChoice {
  return typeof value === "object" && value !== null && "kind" in value && KINDS.some((kind) => kind === value.kind);
}
