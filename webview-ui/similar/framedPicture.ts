import { LitElement } from "lit";
import type { LoadedThumbnail, ThumbnailStore } from "../thumbnailStore.ts";
import { letterbox, type Rect } from "./box.ts";

/** A picture that is letterboxed into its element, for what is drawn over it: knows where in the element the image lies. */
export abstract class FramedPicture extends LitElement {
  static override properties = {
    path: {},
    store: { attribute: false },
    size: { state: true },
    frame: { state: true },
  };
  declare path: string;
  declare store: ThumbnailStore;
  /** Of the image; undefined until its thumbnail is there. */
  declare size: LoadedThumbnail | undefined;
  /** Of the element, in pixels. */
  declare frame: { readonly width: number; readonly height: number };

  readonly #resized = new ResizeObserver(([entry]) => {
    const { width = 0, height = 0 } = entry?.contentRect ?? {};
    this.frame = { width, height };
  });

  constructor() {
    super();
    this.frame = { width: 0, height: 0 };
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("path")) this.size = undefined;
  }

  /** Where the image lies in the element, in pixels. */
  protected get image(): Rect | undefined {
    return this.size === undefined || this.frame.width === 0 ? undefined : letterbox(this.frame, this.size);
  }
}
