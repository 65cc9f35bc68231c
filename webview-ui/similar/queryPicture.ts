import { html, nothing, svg, type TemplateResult } from "lit";
import type { Box } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { LoadedThumbnail } from "../thumbnailStore.ts";
import { boxBetween, contains, fractionAt, keyed, moved, oppositeCorner, type Point, type Rect } from "./box.ts";
import { FramedPicture } from "./framedPicture.ts";
import { renderPaper } from "./paper.ts";

/** Reach of a corner, in pixels. */
const CORNER = 9;

/** What a pointer does until it is released: to the box, given where it is now. */
type Drag = (at: Point) => Box | null;

/** The query's picture, on which a region can be drawn. */
export class QueryPicture extends FramedPicture {
  static override properties = {
    ...FramedPicture.properties,
    box: { attribute: false },
    live: { state: true },
  };
  declare box: Box | null;
  /** While it is drawn. */
  declare live: Box | null | undefined;
  declare changed: (box: Box | null) => void;
  declare loaded: (thumbnail: LoadedThumbnail) => void;

  #drag: Drag | undefined;

  constructor() {
    super();
    this.box = null;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    super.willUpdate(changed);
    if (changed.has("path")) this.live = undefined;
  }

  get #box(): Box | null {
    return this.live === undefined ? this.box : this.live;
  }

  protected override render(): TemplateResult {
    const image = this.image;
    const box = this.#box;
    return html`<div
      class="canvas"
      tabindex="0"
      role="application"
      aria-roledescription=${t("query image with a region")}
      aria-label=${box === null ? t("Query image: the whole of it is searched. Enter draws a region.") : t("Query image: a region of it is searched, from {0} %, {1} %, {2} % wide and {3} % high. Arrows move it, Shift and arrows resize it, Escape clears it.", percent(box.x), percent(box.y), percent(box.width), percent(box.height))}
      title=${t("Drag to search by a region; Escape clears it")}
      @pointerdown=${this.#onDown}
      @pointermove=${this.#onMove}
      @pointerup=${this.#onUp}
      @pointercancel=${this.#onUp}
      @keydown=${this.#onKey}
    >
      ${renderPaper(image)}
      <lookalike-thumbnail
        class="picture contain"
        .path=${this.path}
        .store=${this.store}
        @thumbnail-loaded=${(event: CustomEvent<LoadedThumbnail>) => {
          this.size = event.detail;
          this.loaded(event.detail);
        }}
      ></lookalike-thumbnail>
      ${image === undefined || box === null ? nothing : this.#drawBox(box, image)}
    </div>`;
  }

  #drawBox(box: Box, image: Rect): TemplateResult {
    const { width, height } = this.frame;
    const x = image.x + box.x * image.width;
    const y = image.y + box.y * image.height;
    const w = box.width * image.width;
    const h = box.height * image.height;
    const all = `M${image.x} ${image.y}h${image.width}v${image.height}h${-image.width}z`;
    return html`<svg class="region" width=${width} height=${height} aria-hidden="true">
      <path class="outside" fill-rule="evenodd" d="${all}M${x} ${y}h${w}v${h}h${-w}z"></path>
      <rect class="edge" x=${x} y=${y} width=${w} height=${h}></rect>
      ${[x, x + w].flatMap((cx) =>
        [y, y + h].map((cy) => svg`<rect class="corner" x=${cx - 3} y=${cy - 3} width="6" height="6"></rect>`),
      )}
    </svg>`;
  }

  #at(event: PointerEvent, image: Rect): Point {
    const { left, top } = this.getBoundingClientRect();
    return fractionAt({ x: event.clientX - left, y: event.clientY - top }, image);
  }

  readonly #onDown = (event: PointerEvent) => {
    const image = this.image;
    if (image === undefined || event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    const start = this.#at(event, image);
    const box = this.#box;
    const fixed = box === null ? undefined : oppositeCorner(box, start, CORNER / image.width, CORNER / image.height);
    if (fixed !== undefined) this.#drag = (at) => boxBetween(fixed, at) ?? box;
    else if (box !== null && contains(box, start)) this.#drag = (at) => moved(box, at.x - start.x, at.y - start.y);
    else this.#drag = (at) => boxBetween(start, at) ?? box;
  };

  readonly #onMove = (event: PointerEvent) => {
    const image = this.image;
    if (this.#drag === undefined || image === undefined) return;
    const next = this.#drag(this.#at(event, image));
    if (next === this.#box) return;
    this.live = next;
    this.changed(next);
  };

  readonly #onUp = () => {
    this.#drag = undefined;
    // What was drawn is the page's now, and comes back as `box`.
    this.live = undefined;
  };

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = keyed(event.key, event.shiftKey, this.#box);
    if (next === undefined) return;
    event.preventDefault();
    this.changed(next);
  };
}

function percent(fraction: number): number {
  return Math.round(100 * fraction);
}

customElements.define("lookalike-query-picture", QueryPicture);
