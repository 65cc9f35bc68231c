import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import { cardOf, lightUp, showSelected } from "./alight.ts";
import { renderCard } from "./card.ts";
import { keyAction, type ListActions } from "./cardKeys.ts";
import { DrawnRows } from "./drawnRows.ts";
import type { ShownColumn } from "./filters.ts";
import { GridRows } from "./gridRows.ts";
import { renderHead } from "./heads.ts";
import type { LinkLayer } from "./linkLayer.ts";
import { rankWidth, roomFor } from "./looks.ts";
import { move, type Position } from "./navigation.ts";
import { renderTabs } from "./tabs.ts";
import { standing } from "./viewModel.ts";

/** The ranked lists side by side, row by row; one only behind tabs, where there is no room for more or as a grid. */
export class Lists extends LitElement {
  static override properties = {
    columns: { attribute: false },
    searching: { attribute: false },
    selected: { attribute: false },
    addable: { attribute: false },
    size: { attribute: false },
    grid: { attribute: false },
    narrow: { state: true },
    tab: { state: true },
    focused: { state: true },
  };
  declare columns: readonly ShownColumn[];
  declare searching: boolean;
  /** Path of the image that the page looks at more closely. */
  declare selected: string | null;
  declare addable: boolean;
  /** Of pictures. */
  declare size: number;
  /** One list over the whole width. */
  declare grid: boolean;
  declare narrow: boolean;
  /** Column that is shown where there is room for one; -1: the last. */
  declare tab: number;
  declare focused: Position;
  declare store: ThumbnailStore;
  declare actions: ListActions;

  readonly #drawn = new DrawnRows(
    this,
    () => this.#rows,
    () => this.querySelector<LinkLayer>("lookalike-links")?.clear(),
  );
  /** In pixels. */
  #width = 0;
  /** The next lists are those of another query. */
  #another = true;
  /** The card with the focus scrolled out of what is drawn. */
  #lostFocus = false;
  readonly #resized = new ResizeObserver(([entry]) => void this.#fit(entry?.contentRect.width ?? 0));

  constructor() {
    super();
    this.narrow = false;
    this.grid = false;
    this.tab = -1;
    this.columns = [];
    this.selected = null;
    this.focused = { column: -1, row: 0 };
  }

  /** Gives the focus to the card that had it last, at first the best of combined; draws its row where it is out of sight. */
  override focus(): void {
    const [column, row] = [this.#single ? this.#tab : this.#focusedColumn, this.focused.row];
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

  /** Whether one list is shown, behind tabs. */
  get #single(): boolean {
    return this.narrow || this.grid;
  }

  get #laid(): GridRows {
    return GridRows.of(this.grid, this.#width, this.size);
  }

  get #rows(): number {
    return this.#laid.rows(Math.max(0, ...this.#shown.map(([, { cards }]) => cards.length)));
  }

  /** Columns that are shown, with their place among all of them. */
  get #shown(): readonly (readonly [index: number, column: ShownColumn])[] {
    const all = [...this.columns.entries()];
    return this.#single ? all.slice(this.#tab, this.#tab + 1) : all;
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
    this.#lostFocus = onCard && !this.#drawn.holds(this.#laid.rowOf(this.focused.row));
  }

  protected override render(): TemplateResult {
    const shown = this.#shown;
    const rows = this.#rows;
    const { height, partial } = this.#drawn;
    const { first } = this.#drawn.window;
    const last = Math.min(rows, this.#drawn.window.last);
    const drawn = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
    const laid = this.#laid;
    const columns = laid.perRow === 1 ? "" : `;grid-template-columns:repeat(${laid.perRow},minmax(0,1fr))`;
    return html`${this.#single ? renderTabs(this.columns, this.#tab, this.#chooseTab) : nothing}
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
        <div class="rows" role="rowgroup" .style=${`height:${rows * height}px;--rank:${rankWidth(this.columns)}ch`}>
          ${repeat(
            drawn,
            (row) => row,
            (row) =>
              html`<div class="row" role="row" aria-rowindex=${row + 2} .style=${`top:${row * height}px${columns}`}>
                ${shown.map(([index, column]) => laid.cardsOf(row).map((card) => this.#cell(index, column, card)))}
              </div>`,
          )}
        </div>
        <lookalike-links></lookalike-links>
      </div>`;
  }

  protected override updated(changed: PropertyValues): void {
    const looks = changed.has("size") || changed.has("grid");
    if (changed.has("columns")) void this.#fit(this.#width);
    const other = changed.has("columns") || changed.has("narrow") || looks;
    if (!this.#drawn.partial && other) this.#drawn.follow();
    if (changed.has("selected") && this.selected !== null)
      showSelected(this, this.columns[this.#focusedColumn]?.name ?? "");
    if (this.#lostFocus) this.querySelector<HTMLElement>(".lists")?.focus({ preventScroll: true });
  }

  #cell(index: number, column: ShownColumn, row: number): unknown {
    const card = column.cards[row];
    if (card === undefined) return html`<div role="gridcell"></div>`;
    const focusable = (this.#single || index === this.#focusedColumn) && row === this.focused.row;
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
    const at = { column: this.#single ? 0 : this.#focusedColumn, row: this.focused.row };
    const path = shown[at.column]?.[1].cards[at.row]?.path;
    const act = path === undefined ? undefined : keyAction(event.key, path, this.actions, this.addable);
    if (act !== undefined) {
      event.preventDefault();
      act();
      return;
    }
    const lengths = shown.map(([, { cards }]) => cards.length);
    const next = this.grid ? this.#laid.move(event.key, at, lengths[0] ?? 0) : move(event.key, at, lengths);
    if (next === undefined) return;
    event.preventDefault();
    await this.#focusCell(shown[next.column]![0], next.row);
  };

  /** Moves the focus, and draws the row first where it is out of sight. */
  async #focusCell(column: number, row: number): Promise<void> {
    this.focused = { column, row };
    this.#drawn.show(this.#laid.rowOf(row));
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
    // Hidden, or not laid out yet.
    if (width === 0) return;
    this.#width = width;
    if (this.grid) this.requestUpdate();
    const { narrow, look, column } = roomFor(width, this.columns.length);
    this.dataset["look"] = look;
    this.style.setProperty("--column", `${column}px`);
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

  /** Lights an image up, and draws lines to it. */
  #light(path: string | null): void {
    lightUp(this, path);
    this.querySelector<LinkLayer>("lookalike-links")?.clear();
    if (path === null) return;
    const lists = this.querySelector<HTMLElement>(".lists");
    if (this.#single || lists === null) return;
    const columns = this.#shown.map(([, column]) => column);
    this.querySelector<LinkLayer>("lookalike-links")?.draw(
      path,
      lists,
      columns,
      this.#drawn.scroller,
      this.#drawn.height,
    );
  }

  #onCard(event: Event, act: (path: string) => void): void {
    const path = cardOf(event)?.dataset["path"];
    if (path !== undefined) act(path);
  }
}

customElements.define("lookalike-lists", Lists);
