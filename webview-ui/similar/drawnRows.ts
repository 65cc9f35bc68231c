import type { ReactiveController, ReactiveControllerHost } from "lit";
import { afterPaint } from "../painted.ts";
import { type RowWindow, rowsInSight, rowWindow } from "./navigation.ts";

/** Until a row was measured. Pixels. */
const USUAL_ROW = 100;
/** Once the rows in sight are painted, the others follow by so many at a time. */
const GROWTH = 10;

/** Which rows of long lists are drawn: those near what is in sight. */
export class DrawnRows implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  /** Of the longest list. */
  readonly #rows: () => number;
  readonly #scrolled: () => void;
  #window: RowWindow = { first: 0, last: 0 };
  #partial = false;
  #height = USUAL_ROW;
  /** The row that is measured: all have one height, which follows the style sheet, the window, the zoom and the size of pictures. */
  #measured: HTMLElement | null = null;
  readonly #resized = new ResizeObserver(() => this.#measure());

  /** @param scrolled before anything is drawn */
  constructor(host: ReactiveControllerHost & HTMLElement, rows: () => number, scrolled: () => void) {
    this.#host = host;
    this.#rows = rows;
    this.#scrolled = scrolled;
    host.addController(this);
  }

  hostConnected(): void {
    this.scroller.addEventListener("scroll", this.follow, { passive: true });
  }

  hostDisconnected(): void {
    this.#resized.disconnect();
    this.#measured = null;
  }

  hostUpdated(): void {
    if (this.#measured?.isConnected === true) return;
    this.#resized.disconnect();
    this.#measured = this.#host.querySelector<HTMLElement>(".rows > .row");
    if (this.#measured !== null) this.#resized.observe(this.#measured);
  }

  get window(): RowWindow {
    return this.#window;
  }

  /** Of a new query only the rows in sight are drawn yet. */
  get partial(): boolean {
    return this.#partial;
  }

  /** Of each row, in pixels. */
  get height(): number {
    return this.#height;
  }

  get scroller(): HTMLElement {
    return this.#host.closest<HTMLElement>(".scroller") ?? document.documentElement;
  }

  holds(row: number): boolean {
    return row >= this.#window.first && row < this.#window.last;
  }

  /** New lists are about to be drawn: those in sight first. */
  begin(): void {
    this.#partial = true;
    this.#window = this.#inSight;
    afterPaint(this.#grow);
  }

  /** Scrolls to a row that is not drawn, and draws it. */
  show(row: number): void {
    if (this.holds(row)) return;
    this.scroller.scrollTop += (row - this.#firstInSight) * this.#height;
    this.follow();
  }

  /** Draws what is near to what is in sight now. */
  readonly follow = (): void => {
    this.#scrolled();
    this.#draw(this.#wanted);
  };

  /** Before the page is painted, and laid out already: asking for the height costs nothing then. The first row in sight stays there. */
  #measure(): void {
    const height = this.#measured?.offsetHeight ?? 0;
    if (height === 0 || height === this.#height) return;
    const above = Math.max(0, this.#firstInSight);
    const grown = above * (height - this.#height);
    this.#height = height;
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => {
      this.scroller.scrollTop += grown;
      if (!this.#partial) this.follow();
    });
  }

  #draw(next: RowWindow): void {
    if (next.first === this.#window.first && next.last === this.#window.last) return;
    this.#window = next;
    this.#host.requestUpdate();
  }

  /** Row at the top of what is in sight; a fraction, and negative while something stands above the lists. */
  get #firstInSight(): number {
    const rows = this.#host.querySelector(".rows");
    if (rows === null) return 0;
    return (this.scroller.getBoundingClientRect().top - rows.getBoundingClientRect().top) / this.#height;
  }

  /** The rows to draw where the page stands now. */
  get #wanted(): RowWindow {
    const height = this.scroller.clientHeight;
    return rowWindow(this.#firstInSight * this.#height, height, this.#height, this.#rows());
  }

  /** The rows of a new list in sight: below what stands above the lists. */
  get #inSight(): RowWindow {
    const above = this.#host.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
    return rowsInSight(this.scroller.clientHeight - above, this.#height, this.#rows());
  }

  /** Draws some more of a new list, and the next ones after these. */
  readonly #grow = () => {
    const { first, last } = this.#wanted;
    const next = Math.min(last, this.#window.last + GROWTH);
    this.#window = { first, last: next };
    this.#partial = next < last;
    this.#host.requestUpdate();
    if (this.#partial) afterPaint(this.#grow);
  };
}
