import type { ReactiveController, ReactiveControllerHost } from "lit";
import { html, nothing, type TemplateResult } from "lit";
import type { ExampleImage } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";

/** Of the row that stands for the head. Pixels; the style sheet has the same. */
const ROW = 34;

/** The query in one row above the lists, once its head has scrolled away. By hand: no scroll event draws the page anew. */
export class FoldedHead implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  #folded = false;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  hostUpdated(): void {
    this.#apply();
  }

  /** @param example that is looked at; a name where there are words alone */
  render(example: ExampleImage | string, store: ThumbnailStore): TemplateResult {
    const name = typeof example === "string" ? example : example.name;
    return html`<div class="folded" inert>
      <div class="bar">
        ${
          typeof example === "string"
            ? nothing
            : html`<lookalike-thumbnail class="picture" .path=${example.path} .store=${store}></lookalike-thumbnail>`
        }
        <span class="folded-name" title=${typeof example === "string" ? name : example.path}>${name}</span>
        <button class="link" @click=${this.#open}>${t("Query and filters")}</button>
      </div>
    </div>`;
  }

  readonly onScroll = (): void => {
    const scroller = this.#scroller;
    const head = scroller?.querySelector<HTMLElement>("header");
    if (scroller === null || head == null) return;
    const folded = scroller.scrollTop > head.offsetHeight - ROW;
    if (folded === this.#folded) return;
    this.#folded = folded;
    this.#apply();
  };

  get #scroller(): HTMLElement | null {
    return this.#host.querySelector(".scroller");
  }

  #apply(): void {
    this.#scroller?.classList.toggle("scrolled", this.#folded);
    this.#scroller?.querySelector(".folded")?.toggleAttribute("inert", !this.#folded);
  }

  readonly #open = () => {
    const scroller = this.#scroller;
    if (scroller === null) return;
    scroller.scrollTop = 0;
    scroller.querySelector<HTMLElement>("h1 button, .words input")?.focus();
  };
}
