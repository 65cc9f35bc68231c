import type { SelectionAction } from "../../src/shared/index.ts";
import { DIRECTIONS } from "../plot/picking.ts";
import type { Place } from "../plot/view.ts";
import { focusRegion, type Region } from "../regions.ts";
import { MapView } from "./mapView.ts";

export interface KeyActions {
  /** To the next point of a map in a direction. */
  walk(map: MapView, direction: Place): void;
  openCurrent(): void;
  /** Selects what lies around the current point of a map; again for more. */
  extend(map: MapView): void;
  /** @returns false where there was nothing to take back */
  escape(): boolean;
  fit(): void;
  /** @param number of the map, from 1  @param from the map that has the focus */
  enlarge(number: number, from: Element | null): void;
  act(action: SelectionAction): void;
  focusSearch(): void;
}

const ACTIONS: Readonly<Record<string, SelectionAction>> = { s: "findSimilar", c: "copyPaths", l: "label" };

/** Parts of the page in the order of F6. */
const REGIONS: readonly Region[] = [
  ["header", "button, select, input, summary"],
  [".maps", "lookalike-map:last-of-type .plot"],
  [".selection", ".thumbnail"],
  [".legend", "button, input"],
];

/** Does what a key means in the maps and beside them; in a field it means what it does in every field. */
export function handleKey(event: KeyboardEvent, actions: KeyActions): void {
  const { target, currentTarget } = event;
  if (event.key === "F6" && currentTarget instanceof HTMLElement) {
    if (!focusRegion(currentTarget, REGIONS, event.shiftKey ? -1 : 1)) return;
    event.preventDefault();
    // VS Code listens further out, where the same key leads through its own parts.
    event.stopPropagation();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof Element)) return;
  if (target.matches("input:not([type=checkbox]), select")) return;
  const map = target.closest("lookalike-map");
  const direction = DIRECTIONS[event.key];
  const key = event.key.toLowerCase();
  if (direction !== undefined && map instanceof MapView) actions.walk(map, direction);
  else if (key === "enter" && target.matches(".plot")) actions.openCurrent();
  else if (key === "e" && map instanceof MapView) actions.extend(map);
  else if (key === "escape") {
    if (!actions.escape()) return;
  } else if (key === "f") actions.fit();
  else if (key === "/") actions.focusSearch();
  else if (/^[1-9]$/.test(key)) actions.enlarge(Number(key), map);
  else if (ACTIONS[key] !== undefined) actions.act(ACTIONS[key]);
  else return;
  event.preventDefault();
}
