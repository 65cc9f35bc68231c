import type { ControlsActions } from "./controls.ts";
import type { KeyActions } from "./keys.ts";
import type { LegendActions } from "./legend.ts";
import type { PageData } from "./pageData.ts";
import type { SideActions } from "./side.ts";

/** A selection that is extended by a key grows by so many images. */
const STEP = 8;

/** What the actions of the page's parts need of what is drawn. */
interface DrawnPage extends Pick<KeyActions, "escape" | "fit" | "focusSearch"> {
  /** @param on turned where absent */
  morph(on?: boolean): void;
  /** Shows one map alone, or all again. @param from what the key was pressed in */
  enlarge(name: string, from: Element | null): void;
}

export function pageActions(
  data: PageData,
  page: DrawnPage,
): SideActions & LegendActions & ControlsActions & KeyActions {
  return {
    point: (row) => data.go(row, undefined),
    hover: (row) => data.hover(row, undefined),
    open: (row) => data.open(row),
    act: (action) => data.act(action),
    clear: () => data.select([]),
    select: (rows) => data.select(rows),
    selectCategory: (code) => data.selectCategory(code),
    toggleCategory: (code) => data.colouring.toggle(code),
    light: (code) => data.light(code),
    searchLegend: (text) => data.colouring.search(text),
    colour: (choice) => {
      page.morph(false);
      void data.colour(choice);
    },
    chooseTable: () => void data.chooseTable(),
    search: (text) => data.find(text),
    selectFound: () => data.selectFound(),
    pictures: (on) => data.setPictures(on),
    names: (on) => data.setNames(on),
    morph: () => page.morph(),
    walk: (map, direction) => {
      const next = map.towards(data.linking.current ?? data.selection.rows[0], direction);
      if (next !== undefined) data.go(next, map.descriptor, true);
    },
    openCurrent: () => {
      const { current } = data.linking;
      if (current !== undefined) data.open(current);
    },
    extend: (map) => {
      const { selection, linking } = data;
      const from = linking.current ?? selection.rows[0] ?? map.towards(undefined, { x: 0, y: 0 });
      if (from !== undefined) data.select(map.around(from, selection.rows.length + STEP));
    },
    escape: page.escape,
    fit: page.fit,
    enlarge: (number, from) => {
      const name = data.images.descriptors[number - 1];
      if (name !== undefined) page.enlarge(name, from);
    },
    focusSearch: page.focusSearch,
  };
}
