import type { PlotEvents } from "./plotTypes.ts";
import type { Gestures } from "./pointer.ts";
import type { Place } from "./view.ts";

/** What gestures do to a plot; places are in CSS pixels from its top left. */
interface GesturedPlot {
  /** The point that is meant by a place. */
  rowAt(place: Place): number | undefined;
  /** The points in a polygon. */
  inside(corners: readonly Place[]): readonly number[];
  pan(dx: number, dy: number): void;
  zoom(place: Place, factor: number): void;
  /** Draws a lasso; none where there are no corners. */
  drawLasso(corners: readonly Place[]): void;
}

/** The pointer over a plot, told in rows. */
export function gesturesOf(plot: GesturedPlot, events: PlotEvents): Gestures {
  let hovered: number | undefined;
  const at = (place: Place, act: (row: number) => void) => {
    const row = plot.rowAt(place);
    if (row !== undefined) act(row);
  };
  return {
    at: (place) => {
      const row = place === undefined ? undefined : plot.rowAt(place);
      if (row === hovered) return;
      hovered = row;
      events.hover(row);
    },
    click: (place, more) => at(place, (row) => events.pick(row, more)),
    doubleClick: (place) => at(place, (row) => events.open(row)),
    menu: (place) => at(place, (row) => events.menu(row)),
    drag: (dx, dy) => plot.pan(dx, dy),
    wheel: (place, factor) => plot.zoom(place, factor),
    draw: (corners) => plot.drawLasso(corners),
    drawn: (corners, more) => {
      plot.drawLasso([]);
      events.lasso(plot.inside(corners), more);
    },
  };
}
