import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { call, LARGEST_PICTURE, type PictureRequests } from "../../src/shared/index.ts";
import type { HostLink } from "../rpc.ts";
import { t } from "../strings.ts";
import { type Extent, scaleOf, stepped, wantedSize, type Zoom } from "./zoom.ts";

/** One image as large as the editor, or larger: it zooms by keys, buttons and the wheel, and moves under the pointer. */
export class PicturePage extends LitElement {
  static override properties = { zoom: { state: true }, image: { state: true }, problem: { state: true } };
  declare zoom: Zoom;
  /** Pixels of the image. */
  declare image: Extent | undefined;
  declare problem: string | null;

  #connection!: HostLink;
  #name = "";
  #url = "";
  /** Longest side of what is loaded, or being loaded. */
  #loaded = 0;
  #room: Extent = { width: 1, height: 1 };
  #drag: { readonly x: number; readonly y: number } | undefined;

  constructor() {
    super();
    this.zoom = "fit";
    this.problem = null;
  }

  async connect(connection: HostLink): Promise<void> {
    this.#connection = connection;
    connection.onNotification("changed", () => this.#load(Math.max(this.#loaded, 16)));
    connection.listen();
    this.addEventListener("keydown", this.#key);
    this.#name = (await this.#ask("ready", {})).name;
    new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      this.#room = { width, height };
      this.requestUpdate();
    }).observe(this);
    const { clientWidth, clientHeight } = this;
    await this.#load(Math.ceil(Math.max(clientWidth, clientHeight, 256) * devicePixelRatio));
  }

  protected override createRenderRoot(): this {
    return this;
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.problem === null && this.image === undefined) return nothing;
    return html`${this.problem === null ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
      ${this.image === undefined ? nothing : this.#picture(this.image)}`;
  }

  #picture(image: Extent): TemplateResult {
    const scale = scaleOf(this.zoom, image, this.#room);
    const size = `${image.width} × ${image.height}`;
    return html`<div
        class="stage"
        tabindex="0"
        @wheel=${this.#wheel}
        @dblclick=${() => this.#to(this.zoom === "fit" ? 1 : "fit")}
        @pointerdown=${this.#grab}
        @pointermove=${this.#move}
        @pointerup=${this.#drop}
      >
        <img
          alt=${this.#name}
          src=${this.#url}
          draggable="false"
          class=${scale > 2 ? "coarse" : ""}
          width=${Math.max(1, Math.round(image.width * scale))}
          height=${Math.max(1, Math.round(image.height * scale))}
        />
      </div>
      <div class="bar" role="toolbar" aria-label=${t("Zoom")}>
        <span class="quiet" title=${t("{0} pixels", size)}>${size}</span>
        <button class="secondary" aria-label=${t("Zoom out")} title=${t("Zoom out")} @click=${() => this.#to(stepped(scale, -1))}>−</button>
        <output aria-live="polite">${Math.round(scale * 1000) / 10} %</output>
        <button class="secondary" aria-label=${t("Zoom in")} title=${t("Zoom in")} @click=${() => this.#to(stepped(scale, 1))}>+</button>
        <button class="secondary" aria-pressed=${this.zoom === 1} @click=${() => this.#to(1)}>${t("Actual size")}</button>
        <button class="secondary" aria-pressed=${this.zoom === "fit"} @click=${() => this.#to("fit")}>${t("Fit to the window")}</button>
      </div>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (this.image === undefined || !changed.has("zoom")) return;
    const wanted = wantedSize(
      this.image,
      scaleOf(this.zoom, this.image, this.#room),
      devicePixelRatio,
      LARGEST_PICTURE,
    );
    // The next size up at once: each step of a zoom would ask again.
    if (wanted > this.#loaded) void this.#load(Math.min(LARGEST_PICTURE, 2 * wanted));
  }

  /** Zooms, and keeps what lies at a place of the stage, its middle where none is given, where it is. */
  async #to(zoom: Zoom, at?: { readonly x: number; readonly y: number }): Promise<void> {
    const stage = this.querySelector(".stage");
    if (stage === null || this.image === undefined) return;
    const { x, y } = at ?? { x: stage.clientWidth / 2, y: stage.clientHeight / 2 };
    const before = scaleOf(this.zoom, this.image, this.#room);
    const [left, top] = [(stage.scrollLeft + x) / before, (stage.scrollTop + y) / before];
    this.zoom = zoom;
    await this.updateComplete;
    const after = scaleOf(this.zoom, this.image, this.#room);
    stage.scrollTo({ left: left * after - x, top: top * after - y });
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || this.image === undefined) return;
    const scale = scaleOf(this.zoom, this.image, this.#room);
    const zooms: Readonly<Record<string, Zoom>> = {
      "+": stepped(scale, 1),
      "=": stepped(scale, 1),
      "-": stepped(scale, -1),
      "0": "fit",
      "1": 1,
    };
    const zoom = zooms[event.key];
    if (zoom === undefined) return;
    event.preventDefault();
    void this.#to(zoom);
  };

  readonly #wheel = (event: WheelEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || this.image === undefined) return;
    event.preventDefault();
    const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
    const scale = stepped(scaleOf(this.zoom, this.image, this.#room), event.deltaY < 0 ? 1 : -1);
    void this.#to(scale, { x: event.clientX - left, y: event.clientY - top });
  };

  readonly #grab = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    this.#drag = { x: event.clientX, y: event.clientY };
  };

  readonly #move = (event: PointerEvent): void => {
    if (this.#drag === undefined) return;
    const { clientX: x, clientY: y } = event;
    (event.currentTarget as Element).scrollBy(this.#drag.x - x, this.#drag.y - y);
    this.#drag = { x, y };
  };

  readonly #drop = (): void => {
    this.#drag = undefined;
  };

  async #load(size: number): Promise<void> {
    this.#loaded = Math.min(LARGEST_PICTURE, size);
    try {
      const { bytes, width, height } = await this.#ask("thumbnail", { size: this.#loaded });
      URL.revokeObjectURL(this.#url);
      this.#url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: "image/webp" }));
      this.image = { width, height };
      this.problem = null;
      this.requestUpdate();
    } catch (error) {
      this.image = undefined;
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  #ask<M extends keyof PictureRequests>(
    method: M,
    params: PictureRequests[M]["params"],
  ): Promise<PictureRequests[M]["result"]> {
    return call<PictureRequests, M, never>(this.#connection, method, params);
  }
}

customElements.define("lookalike-picture", PicturePage);
