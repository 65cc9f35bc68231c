import { html, LitElement, nothing, svg, type TemplateResult } from "lit";
import { t } from "../strings.ts";
import { colourClass } from "./card.ts";
import { type Link, linkSeats, type Pointer, type Seat } from "./links.ts";
import type { Column } from "./viewModel.ts";

interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly links: readonly Link[];
  readonly pointers: readonly Pointer[];
}

/** Lines between the cards of one image, over the lists. Draws nothing until it is told to, and takes no pointer. */
export class LinkLayer extends LitElement {
  static override properties = { drawing: { state: true } };
  declare drawing: Drawing | undefined;
  #columns: readonly Column[] = [];

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // What the lines say is in the tooltip and the description of each card.
    this.setAttribute("aria-hidden", "true");
  }

  /**
   * @param lists the element with the rows
   * @param columns those that are shown
   * @param scroller what the lists scroll in
   * @param rowHeight pixels
   */
  draw(path: string, lists: HTMLElement, columns: readonly Column[], scroller: HTMLElement, rowHeight: number): void {
    const heads = lists.querySelector(".heads")!;
    const box = lists.getBoundingClientRect();
    const view = scroller.getBoundingClientRect();
    // The rows in sight: below the heads, which stick to the top, and above the end of the page.
    const top = Math.max(heads.getBoundingClientRect().bottom, view.top);
    const height = Math.max(0, Math.min(view.bottom, box.bottom) - top);
    const seats = columns.flatMap((column, i): Seat[] => {
      const place = column.cards.findIndex((card) => card.path === path);
      const head = heads.children[i]?.getBoundingClientRect();
      if (place < 0 || head === undefined) return [];
      const card = lists.querySelector(
        `.card[data-column="${CSS.escape(column.name)}"][data-path="${CSS.escape(path)}"]`,
      );
      const rect = card?.getBoundingClientRect();
      return [
        {
          column: i,
          rank: column.cards[place]!.rank,
          left: head.left - box.left,
          right: head.right - box.left,
          y: rect === undefined ? null : rect.top + rect.height / 2 - top,
        },
      ];
    });
    const rows = lists.querySelector(".rows")!.getBoundingClientRect();
    const firstRank = Math.floor((top - rows.top) / rowHeight) + 1;
    this.#columns = columns;
    this.drawing =
      seats.length < 2
        ? undefined
        : { width: box.width, height, top: top - box.top, ...linkSeats(seats, height, firstRank) };
  }

  clear(): void {
    this.drawing = undefined;
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.drawing === undefined) return nothing;
    const { width, height, top, links, pointers } = this.drawing;
    return html`<svg .style=${`top:${top}px`} width=${width} height=${height}>
        ${links.map(({ x1, y1, x2, y2 }) => {
          const bend = Math.max(12, (x2 - x1) / 2);
          return svg`<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"></path>`;
        })}
      </svg>
      ${pointers.map(
        ({ column, rank, x, edge }) =>
          html`<span
            class="pointer ${edge} ${colourClass(this.#columns[column]!.style.colour)}"
            .style=${`left:${x}px;top:${edge === "top" ? top + 2 : top + height - 22}px`}
            >${edge === "top" ? "↑" : "↓"} ${t("rank {0}", rank)}</span
          >`,
      )}`;
  }
}

customElements.define("lookalike-links", LinkLayer);
