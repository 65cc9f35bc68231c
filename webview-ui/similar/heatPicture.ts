import { html, nothing, type TemplateResult } from "lit";
import { type Attribution, type Box, heatColour } from "../../src/shared/index.ts";
import type { LoadedThumbnail } from "../thumbnailStore.ts";
import type { Rect } from "./box.ts";
import { cellAt, cellByKey, cellRect, mappedPart } from "./cells.ts";
import { FramedPicture } from "./framedPicture.ts";
import { renderPaper } from "./paper.ts";

/** How much of the picture the colours cover where a part is greatest, and where it is 0. */
const COVER = { most: 0.85, least: 0.35 };
/** A negative part is striped from this share of the greatest part on: less is not worth a mark. */
const NEGATIVE_FROM = 0.02;
/** Distance of the stripes. Pixels. */
const STRIPES = 6;

/** An image with the parts of its score over it. Tells which position is pointed at, and marks one. */
export class HeatPicture extends FramedPicture {
  static override properties = {
    ...FramedPicture.properties,
    box: { attribute: false },
    attribution: { attribute: false },
    bare: { type: Boolean },
    strength: { attribute: false },
    marked: { attribute: false },
    label: {},
  };
  /** The part of the image that the map belongs to. */
  declare box: Box | null;
  declare attribution: Attribution | null;
  /** The map without the picture below. */
  declare bare: boolean;
  /** 0..1. */
  declare strength: number;
  declare marked: number | null;
  declare label: string;
  declare pointed: (cell: number | null) => void;

  constructor() {
    super();
    this.bare = false;
    this.attribution = null;
    this.marked = null;
    this.box = null;
  }

  get #part(): Rect | undefined {
    const image = this.image;
    return image === undefined ? undefined : mappedPart(image, this.box);
  }

  protected override render(): TemplateResult {
    const part = this.#part;
    const { attribution, marked } = this;
    const mark =
      part === undefined || attribution === null || marked === null ? null : cellRect(marked, part, attribution);
    return html`<div
      class="canvas"
      tabindex=${attribution === null ? -1 : 0}
      role="img"
      aria-label=${this.label}
      @pointermove=${this.#onMove}
      @pointerleave=${() => this.pointed(null)}
      @blur=${() => this.pointed(null)}
      @keydown=${this.#onKey}
    >
      ${renderPaper(this.bare ? undefined : this.image)}
      <lookalike-thumbnail
        class="picture contain ${this.bare ? "hidden" : ""}"
        .path=${this.path}
        .store=${this.store}
        @thumbnail-loaded=${(event: CustomEvent<LoadedThumbnail>) => {
          this.size = event.detail;
        }}
      ></lookalike-thumbnail>
      ${
        part === undefined || attribution === null
          ? nothing
          : html`<canvas
              width=${Math.max(1, Math.round(part.width))}
              height=${Math.max(1, Math.round(part.height))}
              .style=${`left:${part.x}px;top:${part.y}px;opacity:${this.bare ? 1 : this.strength}`}
            ></canvas>`
      }
      ${
        mark === null
          ? nothing
          : html`<span class="mark" .style=${`left:${mark.x}px;top:${mark.y}px;width:${mark.width}px;height:${mark.height}px`}></span>`
      }
    </div>`;
  }

  protected override updated(changed: Map<string, unknown>): void {
    const drawn = ["attribution", "size", "frame", "box", "bare"].some((name) => changed.has(name));
    const canvas = this.querySelector("canvas");
    if (drawn && canvas !== null && this.attribution !== null) drawMap(canvas, this.attribution, this.bare);
  }

  readonly #onMove = (event: PointerEvent) => {
    const part = this.#part;
    if (part === undefined || this.attribution === null) return;
    const { left, top } = this.getBoundingClientRect();
    this.pointed(cellAt({ x: event.clientX - left, y: event.clientY - top }, part, this.attribution));
  };

  readonly #onKey = (event: KeyboardEvent) => {
    if (this.attribution === null || event.altKey) return;
    const cell = cellByKey(event.key, this.marked, this.attribution);
    if (cell === undefined) return;
    event.preventDefault();
    this.pointed(cell);
  };
}

/** Bright where a part is great, striped where it takes from the score; between the positions' centres it is interpolated. */
function drawMap(canvas: HTMLCanvasElement, { map, width, height }: Attribution, opaque: boolean): void {
  const greatest = map.reduce((most, part) => Math.max(most, Math.abs(part)), 0) || 1;
  const small = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  for (const [i, part] of map.entries()) {
    const share = part / greatest;
    const cover = opaque ? 1 : COVER.least + (COVER.most - COVER.least) * Math.abs(share);
    image.data.set([...heatColour(Math.max(0, share)), Math.round(255 * cover)], 4 * i);
  }
  small.getContext("2d")!.putImageData(image, 0, 0);
  const context = canvas.getContext("2d")!;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
  const cell = { width: canvas.width / width, height: canvas.height / height };
  context.strokeStyle = "#fff";
  for (const [i, part] of map.entries()) {
    const share = part / greatest;
    if (share > -NEGATIVE_FROM) continue;
    context.save();
    context.globalAlpha = Math.min(1, 0.4 - 0.6 * share);
    context.beginPath();
    context.rect((i % width) * cell.width, Math.floor(i / width) * cell.height, cell.width, cell.height);
    context.clip();
    context.beginPath();
    for (let d = 0; d < canvas.width + canvas.height; d += STRIPES) {
      context.moveTo(d, 0);
      context.lineTo(d - canvas.height, canvas.height);
    }
    context.stroke();
    context.restore();
  }
}

customElements.define("lookalike-heat", HeatPicture);
