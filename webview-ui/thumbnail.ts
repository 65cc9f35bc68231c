import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { LoadedThumbnail, ThumbnailStore } from "./thumbnailStore.ts";

/** A margin around what is visible: pictures are there when they scroll in. */
const AHEAD = "300px";

const waiting = new WeakMap<Element, () => void>();
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      waiting.get(target)?.();
      waiting.delete(target);
    }
  },
  // Of the page, and of what scrolls inside of it.
  { rootMargin: AHEAD, scrollMargin: AHEAD },
);

/** Pictures on the page that could not be shown. */
const broken = new Set<Thumbnail>();

/** What kept pictures away may be over: those that could not be shown are asked for again. */
export function retryThumbnails(): void {
  for (const each of broken) each.ask();
}

/** The picture of an image file, loaded when it comes near the visible part of the page. */
export class Thumbnail extends LitElement {
  static override properties = {
    path: {},
    store: { attribute: false },
    loaded: { state: true },
    failure: { state: true },
  };
  declare path: string;
  declare store: ThumbnailStore;
  declare loaded: LoadedThumbnail | undefined;
  declare failure: string | undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // Decorative: the card or the header that it belongs to names the image.
    this.setAttribute("aria-hidden", "true");
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    observer.unobserve(this);
    broken.delete(this);
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("path") || changed.has("store")) this.ask();
  }

  /** Asks for the picture once it is near the visible part; one that is there already is shown at once, so that nothing flickers. */
  ask(): void {
    broken.delete(this);
    this.loaded = this.store.there(this.path);
    this.failure = undefined;
    observer.unobserve(this);
    if (this.loaded !== undefined) {
      waiting.delete(this);
      void this.#load(this.path);
      return;
    }
    waiting.set(this, () => void this.#load(this.path));
    observer.observe(this);
  }

  async #load(path: string): Promise<void> {
    try {
      const loaded = await this.store.load(path);
      if (path !== this.path) return;
      this.loaded = loaded;
      this.dispatchEvent(new CustomEvent<LoadedThumbnail>("thumbnail-loaded", { detail: loaded }));
    } catch (error) {
      if (path !== this.path) return;
      this.failure = error instanceof Error ? error.message : String(error);
      if (this.isConnected) broken.add(this);
    }
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.loaded !== undefined)
      return html`<img src=${this.loaded.url} alt="" decoding="async" draggable="false" />`;
    if (this.failure !== undefined) return html`<span class="broken" title=${this.failure}>?</span>`;
    return nothing;
  }
}

customElements.define("lookalike-thumbnail", Thumbnail);
