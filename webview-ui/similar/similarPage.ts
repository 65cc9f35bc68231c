import { html, LitElement, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { MessageConnection } from "vscode-jsonrpc/browser";
import { call, type PageNotifications, type PageRequests, type SimilarState } from "../../src/shared/index.ts";
import type { VsCodeApi } from "../rpc.ts";
import { setStrings, t } from "../strings.ts";
import { type LoadedThumbnail, ThumbnailStore } from "../thumbnailStore.ts";
import { colourClass, renderCard } from "./card.ts";
import { renderHeader } from "./header.ts";
import { type Column, columnsOf, comparedColumns, move, type Position } from "./viewModel.ts";

/** Pixels; on a dense display each is drawn with up to two of the thumbnail's. */
const THUMBNAIL_SIZE = 256;
/** Below this width the columns become tabs. Pixels. */
const NARROW = 560;

/** The similar panel: the query on top, a ranked list per descriptor and one for combined. */
export class SimilarPage extends LitElement {
  static override properties = {
    state: { state: true },
    querySize: { state: true },
    narrow: { state: true },
    tab: { state: true },
    focused: { state: true },
  };
  declare state: SimilarState | undefined;
  declare querySize: LoadedThumbnail | undefined;
  declare narrow: boolean;
  /** Column that is shown where there is room for one. */
  declare tab: number;
  declare focused: Position;

  #columns: readonly Column[] = [];
  #connection!: MessageConnection;
  #thumbnails = new ThumbnailStore((path) => this.#ask("thumbnail", { path, size: THUMBNAIL_SIZE }));
  readonly #resized = new ResizeObserver(([entry]) => void this.#fit(entry?.contentRect.width ?? 0));

  constructor() {
    super();
    this.narrow = false;
    this.tab = -1;
    this.focused = { column: 0, row: 0 };
  }

  /** Asks the host for the state and follows its changes. */
  async connect(api: VsCodeApi, connection: MessageConnection): Promise<void> {
    this.#connection = connection;
    const show = ({ state, saved }: PageNotifications["state"]) => {
      if (state.query.path !== this.state?.query.path) {
        this.querySize = undefined;
        this.focused = { column: 0, row: 0 };
      }
      this.#columns = this.#columnsOf(state);
      this.state = state;
      api.setState(saved);
    };
    connection.onNotification("state", show);
    connection.listen();
    const { strings, ...start } = await this.#ask("ready", {});
    setStrings(strings);
    show(start);
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

  protected override render(): TemplateResult | typeof nothing {
    if (this.state === undefined) return nothing;
    const { searching, result, comparison } = this.state;
    const header = renderHeader(this.state, this.querySize, this.#thumbnails, {
      act: (action) => void this.#ask("action", { action }),
      loaded: (thumbnail) => {
        this.querySize = thumbnail;
      },
      openQuery: () => void this.#open(this.state!.query.path, "preview"),
    });
    return html`${header}
      <p class="unseen" role="status">${searching ? t("Searching") : ""}</p>
      ${result === null && !anyRanked(comparison) ? this.#skeleton(searching) : this.#lists(searching)}`;
  }

  /** Made anew only where the lists are others: a state comes with every step of indexing. */
  #columnsOf({ result, comparison }: SimilarState): readonly Column[] {
    if (result === this.state?.result && comparison === this.state.comparison) return this.#columns;
    if (comparison !== null) return comparedColumns(comparison);
    return result === null ? [] : columnsOf(result);
  }

  /** Shows as many columns as there is room for; the card that has the focus stays in sight and keeps it. */
  async #fit(width: number): Promise<void> {
    const narrow = width < NARROW;
    if (narrow === this.narrow) return;
    const focused = document.activeElement?.closest(".card") instanceof HTMLElement;
    if (narrow && focused) this.tab = this.focused.column;
    this.narrow = narrow;
    await this.updateComplete;
    // In a page without the focus this would take it away from the editor that has it.
    if (focused && document.hasFocus()) this.querySelector<HTMLElement>('.card[tabindex="0"]')?.focus();
  }

  /** Columns that are shown, with their place among all of them. */
  get #shown(): readonly (readonly [index: number, column: Column])[] {
    const all = [...this.#columns.entries()];
    return this.narrow ? all.slice(this.#tab, this.#tab + 1) : all;
  }

  /** Combined unless another one was chosen. */
  get #tab(): number {
    return this.tab < 0 || this.tab >= this.#columns.length ? this.#columns.length - 1 : this.tab;
  }

  #skeleton(searching: boolean): TemplateResult {
    if (!searching && this.state?.progress === null) return html``;
    const row = html`<div class="row" aria-hidden="true">${[0, 1, 2, 3].map(() => html`<div class="card skeleton"></div>`)}</div>`;
    return html`<div class="lists" aria-busy="true">${[0, 1, 2, 3].map(() => row)}</div>`;
  }

  #lists(searching: boolean): TemplateResult {
    const shown = this.#shown;
    const rows = Math.max(0, ...shown.map(([, column]) => column.cards.length));
    return html`${this.narrow ? this.#tabs() : nothing}
      <div
        class="lists"
        role="grid"
        id="lists"
        aria-busy=${searching}
        aria-rowcount=${rows + 1}
        @click=${(event: Event) => this.#onCard(event, (path) => void this.#open(path, "preview"))}
        @dblclick=${(event: Event) => this.#onCard(event, (path) => void this.#open(path, "keep"))}
        @keydown=${this.#onKey}
        @focusin=${this.#onFocus}
        @focusout=${() => this.#light(null)}
        @pointerover=${(event: Event) => this.#light(cardOf(event)?.dataset["path"] ?? null)}
        @pointerleave=${() => this.#light(null)}
      >
        <div class="row heads" role="row">
          ${shown.map(
            ([, { style }]) =>
              html`<div role="columnheader" class="head ${colourClass(style.colour)}" title=${t("Most alike by {0}", style.label)}>
                <span class="letter">${style.letter}</span> ${t(style.label)}
              </div>`,
          )}
        </div>
        ${repeat(
          Array.from({ length: rows }, (_, row) => row),
          (row) => row,
          (row) =>
            html`<div class="row" role="row">${shown.map(([index, column]) => this.#cell(index, column, row))}</div>`,
        )}
      </div>
      ${
        rows > 0 && rows < this.state!.folder.indexed - 1
          ? html`<button class="secondary more" @click=${() => void this.#ask("more", { k: 2 * rows })}>${t("Show more")}</button>`
          : nothing
      }`;
  }

  #cell(index: number, column: Column, row: number): TemplateResult {
    const card = column.cards[row];
    if (card === undefined) return html`<div role="gridcell"></div>`;
    const { column: focusedColumn, row: focusedRow } = this.focused;
    const reachable = this.narrow ? row === focusedRow : index === focusedColumn && row === focusedRow;
    return renderCard(card, column, reachable, this.#thumbnails);
  }

  #tabs(): TemplateResult {
    return html`<div class="tabs" role="tablist" @keydown=${this.#onTabKey}>
      ${this.#columns.map(
        ({ style }, i) =>
          html`<button
            role="tab"
            class=${colourClass(style.colour)}
            aria-selected=${i === this.#tab}
            aria-controls="lists"
            tabindex=${i === this.#tab ? 0 : -1}
            @click=${() => {
              this.tab = i;
            }}
          >
            <span class="letter">${style.letter}</span> ${t(style.label)}
          </button>`,
      )}
    </div>`;
  }

  readonly #onTabKey = async (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.tab = (this.#tab + step + this.#columns.length) % this.#columns.length;
    await this.updateComplete;
    this.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus();
  };

  readonly #onKey = async (event: KeyboardEvent) => {
    const card = cardOf(event);
    if (card === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      await this.#open(card.dataset["path"]!, event.key === "Enter" ? "keep" : "preview");
      return;
    }
    const shown = this.#shown;
    const at = {
      column: shown.findIndex(([, { name }]) => name === card.dataset["column"]),
      row: Number(card.dataset["rank"]) - 1,
    };
    const next = move(
      event.key,
      at,
      shown.map(([, { cards }]) => cards.length),
    );
    if (next === undefined) return;
    event.preventDefault();
    const target = this.querySelectorAll(".lists > .row:not(.heads)")[next.row]?.children[next.column];
    if (target instanceof HTMLElement) target.focus();
  };

  readonly #onFocus = (event: Event) => {
    const card = cardOf(event);
    if (card === undefined) return;
    const column = this.#columns.findIndex(({ name }) => name === card.dataset["column"]);
    this.focused = { column, row: Number(card.dataset["rank"]) - 1 };
    this.#light(card.dataset["path"]!);
  };

  /** Lights an image up in every list that holds it. By hand: a new drawing of all cards at each hover would lag. */
  #light(path: string | null): void {
    for (const card of this.querySelectorAll(".card.alight")) card.classList.remove("alight");
    if (path === null) return;
    for (const card of this.querySelectorAll(`.card[data-path="${CSS.escape(path)}"]`)) card.classList.add("alight");
  }

  #onCard(event: Event, act: (path: string) => void): void {
    const path = cardOf(event)?.dataset["path"];
    if (path !== undefined) act(path);
  }

  async #open(path: string, mode: "preview" | "keep"): Promise<void> {
    await this.#ask("open", { path, mode });
  }

  #ask<M extends keyof PageRequests>(method: M, params: PageRequests[M]["params"]): Promise<PageRequests[M]["result"]> {
    return call<PageRequests, M, never>(this.#connection, method, params);
  }
}

function anyRanked(comparison: SimilarState["comparison"]): boolean {
  return comparison?.some(({ ranked }) => ranked !== null) ?? false;
}

function cardOf(event: Event): HTMLElement | undefined {
  const card = event.target instanceof Element ? event.target.closest<HTMLElement>(".card[data-path]") : null;
  return card ?? undefined;
}

customElements.define("lookalike-similar", SimilarPage);
