import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import { renderCard } from "./card.ts";
import { keyAction, type ListActions } from "./cardKeys.ts";
import { DrawnRows } from "./drawnRows.ts";
import type { ShownColumn } from "./filters.ts";
import { renderHead } from "./heads.ts";
import type { LinkLayer } from "./linkLayer.ts";
import { move, type Position } from "./navigation.ts";
import { renderTabs } from "./tabs.ts";
import { standing } from "./viewModel.ts";

/** Below this width the columns become tabs. Pixels. */
const NARROW = 480;

/** The ranked lists side by side, row by row; where there is room for one only, behind tabs. */
export class Lists extends LitElement {
  static override properties = {
    columns: { attribute: false },
    searching: { attribute: false },
    selected: { attribute: false },
    addable: { attribute: false },
    size: { attribute: false },
    narrow: { state: true },
    tab: { state: true },
    focused: { state: true },
  };
  declare columns: readonly ShownColumn[];
  declare searching: boolean;
  /** Path of the image that the page looks at more closely. */
  declare selected: string | null;
  declare addable: boolean;
  /** Of pictures; rows are measured anew when it changes. */
  declare size: number;
  declare narrow: boolean;
  /** Column that is shown where there is room for one; -1: the last. */
  declare tab: number;
  declare focused: Position;
  declare store: ThumbnailStore;
  declare actions: ListActions;

  readonly #drawn = new DrawnRows(
    this,
    () => this.#rows,
    () => this.#clearLinks(),
  );
  /** The next lists are those of another query. */
  #another = true;
  /** The card with the focus scrolled out of what is drawn. */
  #lostFocus = false;
  readonly #resized = new ResizeObserver(([entry]) => void this.#fit(entry?.contentRect.width ?? 0));

  constructor() {
    super();
    this.narrow = false;
    this.tab = -1;
    this.columns = [];
    this.selected = null;
    this.focused = { column: -1, row: 0 };
  }

  /** Gives the focus to the card that had it last, at first the best of combined; draws its row where it is out of sight. */
  override focus(): void {
    const [column, row] = [this.narrow ? this.#tab : this.#focusedColumn, this.focused.row];
    const there = this.columns[column]?.cards[row] !== undefined;
    if (this.columns.length > 0) void this.#focusCell(column, there ? row : 0);
  }

  /** Another query: from the top. */
  reset(): void {
    this.focused = { column: -1, row: 0 };
    this.#another = true;
    this.#drawn.scroller.scrollTop = 0;
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

  get #rows(): number {
    return Math.max(0, ...this.#shown.map(([, { cards }]) => cards.length));
  }

  /** Columns that are shown, with their place among all of them. */
  get #shown(): readonly (readonly [index: number, column: ShownColumn])[] {
    const all = [...this.columns.entries()];
    return this.narrow ? all.slice(this.#tab, this.#tab + 1) : all;
  }

  /** Combined until another one had the focus. */
  get #focusedColumn(): number {
    const { column } = this.focused;
    return column < 0 || column >= this.columns.length ? this.columns.length - 1 : column;
  }

  /** Combined unless another one was chosen. */
  get #tab(): number {
    return this.tab < 0 || this.tab >= this.columns.length ? this.columns.length - 1 : this.tab;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (this.#another && changed.has("columns")) {
      this.#another = false;
      this.#drawn.begin();
    }
    const onCard = document.activeElement?.matches(".lists .card") === true;
    this.#lostFocus = onCard && !this.#drawn.holds(this.focused.row);
  }

  protected override render(): TemplateResult {
    const shown = this.#shown;
    const rows = this.#rows;
    const { height, partial } = this.#drawn;
    const { first } = this.#drawn.window;
    const last = Math.min(rows, this.#drawn.window.last);
    const drawn = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
    return html`${this.narrow ? renderTabs(this.columns, this.#tab, this.#chooseTab) : nothing}
      <div
        class="lists"
        role="grid"
        id="lists"
        tabindex="-1"
        aria-label=${t("Results")}
        aria-busy=${this.searching || partial}
        aria-rowcount=${rows + 1}
        @click=${this.#onClick}
        @dblclick=${(event: Event) => this.#onCard(event, (path) => this.actions.open(path, "keep"))}
        @keydown=${this.#onKey}
        @focusin=${this.#onFocus}
        @focusout=${() => this.#light(null)}
        @pointerover=${(event: Event) => this.#light(cardOf(event)?.dataset["path"] ?? null)}
        @pointerleave=${() => this.#light(null)}
      >
        <div class="row heads" role="row" aria-rowindex="1">${shown.map(([, column]) => renderHead(column))}</div>
        <div class="rows" role="rowgroup" .style=${`height:${rows * height}px`}>
          ${repeat(
            drawn,
            (row) => row,
            (row) =>
              html`<div class="row" role="row" aria-rowindex=${row + 2} .style=${`top:${row * height}px`}>
                ${shown.map(([index, column]) => this.#cell(index, column, row))}
              </div>`,
          )}
        </div>
        <lookalike-links></lookalike-links>
      </div>`;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("columns") || changed.has("size")) this.#drawn.measure();
    const other = changed.has("columns") || changed.has("narrow") || changed.has("size");
    if (!this.#drawn.partial && other) this.#drawn.follow();
    if (changed.has("selected") && this.selected !== null) {
      // The strip that explains it may have come to lie over it.
      const column = this.columns[this.#focusedColumn]?.name ?? "";
      requestAnimationFrame(() => {
        const card = this.querySelector(`.card[aria-selected="true"][data-column="${CSS.escape(column)}"]`);
        card?.scrollIntoView({ block: "nearest" });
      });
    }
    if (this.#lostFocus) this.querySelector<HTMLElement>(".lists")?.focus({ preventScroll: true });
  }

  #cell(index: number, column: ShownColumn, row: number): unknown {
    const card = column.cards[row];
    if (card === undefined) return html`<div role="gridcell"></div>`;
    const { row: focusedRow } = this.focused;
    const inColumn = this.narrow || index === this.#focusedColumn;
    const focusable = inColumn && row === focusedRow;
    const selected = card.path === this.selected;
    const { addable, store } = this;
    const { sameLabel, label, more } = card;
    const chance = standing(column, row);
    // While one scrolls, most cards stay as they are.
    return guard([card, chance, focusable, selected, addable, store], () =>
      renderCard(card, column, { focusable, selected, sameLabel, label, more, chance, addable }, store),
    );
  }

  readonly #chooseTab = (tab: number): Promise<unknown> => {
    this.tab = tab;
    return this.updateComplete;
  };

  readonly #onClick = (event: Event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>(".add .button") : null;
    this.#onCard(event, (path) => {
      if (button === null) this.actions.select(path);
      else this.actions.add(path, button.dataset["sign"] === "1" ? 1 : -1);
    });
  };

  readonly #onKey = async (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || this.columns.length === 0) return;
    const shown = this.#shown;
    const at = {
      column: this.narrow ? 0 : this.#focusedColumn,
      row: this.focused.row,
    };
    const path = shown[at.column]?.[1].cards[at.row]?.path;
    const act = path === undefined ? undefined : keyAction(event.key, path, this.actions, this.addable);
    if (act !== undefined) {
      event.preventDefault();
      act();
      return;
    }
    const next = move(
      event.key,
      at,
      shown.map(([, { cards }]) => cards.length),
    );
    if (next === undefined) return;
    event.preventDefault();
    await this.#focusCell(shown[next.column]![0], next.row);
  };

  /** Moves the focus, and draws the row first where it is out of sight. */
  async #focusCell(column: number, row: number): Promise<void> {
    this.focused = { column, row };
    this.#drawn.show(row);
    await this.updateComplete;
    this.querySelector<HTMLElement>('.card[tabindex="0"]')?.focus();
    const path = this.columns[column]?.cards[row]?.path;
    if (path !== undefined) this.actions.walk(path);
  }

  readonly #onFocus = (event: Event) => {
    const card = cardOf(event);
    if (card === undefined) return;
    const column = this.columns.findIndex(({ name }) => name === card.dataset["column"]);
    const row = this.columns[column]?.cards.findIndex(({ path }) => path === card.dataset["path"]) ?? -1;
    if (row >= 0) this.focused = { column, row };
    this.#light(card.dataset["path"]!);
  };

  /** Shows as many columns as there is room for; the card that has the focus stays in sight and keeps it. */
  async #fit(width: number): Promise<void> {
    this.#drawn.measure();
    const narrow = width < NARROW;
    if (narrow === this.narrow) {
      if (!this.#drawn.partial) this.#drawn.follow();
      return;
    }
    const focused = document.activeElement?.closest(".card") instanceof HTMLElement;
    if (narrow && focused) this.tab = this.#focusedColumn;
    this.narrow = narrow;
    await this.updateComplete;
    // In a page without the focus this would take it away from the editor that has it.
    if (focused && document.hasFocus()) this.querySelector<HTMLElement>('.card[tabindex="0"]')?.focus();
  }

  /** Lights an image up in every list that holds it. By hand: a new drawing of all cards at each hover would lag. */
  #light(path: string | null): void {
    for (const card of this.querySelectorAll(".card.alight")) card.classList.remove("alight");
    this.#clearLinks();
    if (path === null) return;
    for (const card of this.querySelectorAll(`.card[data-path="${CSS.escape(path)}"]`)) card.classList.add("alight");
    const lists = this.querySelector<HTMLElement>(".lists");
    if (this.narrow || lists === null) return;
    const columns = this.#shown.map(([, column]) => column);
    this.querySelector<LinkLayer>("lookalike-links")?.draw(
      path,
      lists,
      columns,
      this.#drawn.scroller,
      this.#drawn.height,
    );
  }

  #clearLinks(): void {
    this.querySelector<LinkLayer>("lookalike-links")?.clear();
  }

  #onCard(event: Event, act: (path: string) => void): void {
    const path = cardOf(event)?.dataset["path"];
    if (path !== undefined) act(path);
  }
}

function cardOf(event: Event): HTMLElement | undefined {
  const card = event.target instanceof Element ? event.target.closest<HTMLElement>(".card[data-path]") : null;
  return card ?? undefined;
}

customElements.define("lookalike-lists", Lists);
