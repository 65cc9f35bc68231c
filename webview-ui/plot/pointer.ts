import type { Place } from "./view.ts";

/** What a user does with pointer and wheel; places in CSS pixels from the top left of the element. */
export interface Gestures {
  /** The pointer is there, or gone. */
  at(place: Place | undefined): void;
  /** @param more with Ctrl or Command */
  click(place: Place, more: boolean): void;
  doubleClick(place: Place): void;
  /** A menu is asked for; before it opens. */
  menu(place: Place): void;
  drag(dx: number, dy: number): void;
  wheel(place: Place, factor: number): void;
  /** A lasso is being drawn with Shift. */
  draw(corners: readonly Place[]): void;
  drawn(corners: readonly Place[], more: boolean): void;
}

/** A pointer that moves less than this while it is down has clicked. CSS pixels. */
const SLACK = 4;
/** Zoom per pixel of the wheel; a line and a page count as so many pixels. */
const ZOOM = 0.0016;
const WHEEL_UNITS = [1, 16, 400];

/** Turns the pointer events of an element into gestures. @returns what ends that */
export function listen(element: HTMLElement, gestures: Gestures): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  let down: { readonly start: Place; last: Place; moved: boolean; lasso: Place[] | undefined } | undefined;
  const placeOf = ({ clientX, clientY }: MouseEvent): Place => {
    const { left, top } = element.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  const more = (event: MouseEvent) => event.ctrlKey || event.metaKey;

  element.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      const place = placeOf(event);
      down = { start: place, last: place, moved: false, lasso: event.shiftKey ? [place] : undefined };
      element.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  element.addEventListener(
    "pointermove",
    (event) => {
      const place = placeOf(event);
      if (down === undefined) {
        gestures.at(place);
        return;
      }
      down.moved ||= Math.hypot(place.x - down.start.x, place.y - down.start.y) >= SLACK;
      if (!down.moved) return;
      if (down.lasso === undefined) gestures.drag(place.x - down.last.x, place.y - down.last.y);
      else {
        down.lasso.push(place);
        gestures.draw(down.lasso);
      }
      down.last = place;
    },
    { signal },
  );
  element.addEventListener(
    "pointerup",
    (event) => {
      if (down === undefined) return;
      const { moved, lasso, start } = down;
      down = undefined;
      if (lasso !== undefined && moved) gestures.drawn(lasso, more(event));
      else if (!moved) gestures.click(start, more(event) || event.shiftKey);
    },
    { signal },
  );
  element.addEventListener(
    "pointercancel",
    () => {
      if (down?.lasso !== undefined) gestures.draw([]);
      down = undefined;
    },
    { signal },
  );
  element.addEventListener("pointerleave", () => gestures.at(undefined), { signal });
  element.addEventListener("dblclick", (event) => gestures.doubleClick(placeOf(event)), { signal });
  element.addEventListener("contextmenu", (event) => gestures.menu(placeOf(event)), { signal });
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const pixels = event.deltaY * (WHEEL_UNITS[event.deltaMode] ?? 1);
      gestures.wheel(placeOf(event), Math.exp(-ZOOM * pixels));
    },
    { signal, passive: false },
  );
  return () => abort.abort();
}
