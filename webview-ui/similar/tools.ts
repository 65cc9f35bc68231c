import { html, type TemplateResult } from "lit";
import type { PanelState } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import { renderSizes } from "./sizes.ts";

export type ExportKind = "csv" | "json" | "markdown" | "png";

export interface ToolActions {
  go(step: 1 | -1): void;
  pin(pinned: boolean): void;
  saveQuery(): void;
  export(kind: ExportKind): void;
  /** @param size number in `SIZES` */
  resize(size: number): void;
  asGrid(grid: boolean): void;
}

/** Buttons of the panel: back and forward, pin, save, export. */
export function renderTools(
  { canGoBack, canGoForward, pinned }: PanelState,
  size: number,
  grid: boolean,
  actions: ToolActions,
): TemplateResult {
  const entry = (kind: ExportKind, text: string) =>
    html`<button
      role="menuitem"
      @click=${(event: Event) => {
        close(event);
        actions.export(kind);
      }}
    >
      ${text}
    </button>`;
  return html`<div class="tools" role="toolbar" aria-label=${t("Panel")}>
    <button ?disabled=${!canGoBack} title=${t("Back (Alt+Left)")} aria-label=${t("Back (Alt+Left)")} @click=${() => actions.go(-1)}>
      ${icon("M10 3 5 8l5 5")}
    </button>
    <button ?disabled=${!canGoForward} title=${t("Forward (Alt+Right)")} aria-label=${t("Forward (Alt+Right)")} @click=${() => actions.go(1)}>
      ${icon("M6 3l5 5-5 5")}
    </button>
    <button
      aria-pressed=${pinned}
      title=${t("Pin: the next query opens another panel")}
      aria-label=${t("Pin: the next query opens another panel")}
      @click=${() => actions.pin(!pinned)}
    >
      ${icon("M6 2h4v5l2 2H4l2-2zM8 9v5")}
    </button>
    <button title=${t("Save the query under a name")} aria-label=${t("Save the query under a name")} @click=${actions.saveQuery}>
      ${icon("M4 2h8v12l-4-3-4 3z")}
    </button>
    <button
      aria-pressed=${grid}
      title=${t("Grid: one list over the whole width")}
      aria-label=${t("Grid: one list over the whole width")}
      @click=${() => actions.asGrid(!grid)}
    >
      ${icon("M3 3h4v4H3zM9 3h4v4H9zM3 9h4v4H3zM9 9h4v4H9z")}
    </button>
    ${renderSizes(size, actions.resize)}
    <details class="menu" @focusout=${closeWhenLeft} @keydown=${closeOnEscape}>
      <summary title=${t("Export")} aria-label=${t("Export")}>${icon("M8 2v8M5 7l3 3 3-3M3 13h10")}</summary>
      <div role="menu" aria-label=${t("Export")}>
        ${entry("csv", t("Save as CSV..."))} ${entry("json", t("Save as JSON..."))}
        ${entry("markdown", t("Copy as Markdown table"))} ${entry("png", t("Save as picture..."))}
      </div>
    </details>
  </div>`;
}

function icon(path: string): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d=${path}></path></svg>`;
}

function close(event: Event): void {
  const menu = (event.currentTarget as HTMLElement).closest("details");
  if (menu !== null) menu.open = false;
}

function closeWhenLeft(event: FocusEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.open = false;
}

function closeOnEscape(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (event.key !== "Escape" || !menu.open) return;
  event.preventDefault();
  menu.open = false;
  menu.querySelector("summary")?.focus();
}
