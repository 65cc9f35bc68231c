import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import { LABEL_COLOURS, type Label, labelOf, nameOf } from "./labels.ts";

export interface SideActions {
  /** A thumbnail was clicked. */
  point(row: number): void;
  hover(row: number | undefined): void;
  open(row: number): void;
  findSimilar(row: number): void;
  clear(): void;
  selectLabel(name: string): void;
}

/** Thumbnails of a selection that are shown; of a larger one, the rest is counted. */
const MOST = 300;

/** The labels with their colours: the most frequent ones, and how many others share grey. */
export function renderLegend(all: readonly Label[], actions: SideActions): TemplateResult {
  const own = all.filter(({ colour }) => colour < LABEL_COLOURS);
  const others = all.slice(own.length);
  const images = others.reduce((sum, { count }) => sum + count, 0);
  return html`<section class="legend" aria-label=${t("Folders")}>
    <h3>${t("Folders")}</h3>
    ${own.map(
      ({ name, count, colour }) =>
        html`<button title=${t("Select the images of {0}", name || "/")} @click=${() => actions.selectLabel(name)}>
          <span class="dot label-${colour}"></span><span class="text">${name || "/"}</span
          ><span class="quiet">${count.toLocaleString()}</span>
        </button>`,
    )}
    ${
      others.length === 0
        ? nothing
        : html`<p class="quiet">
            <span class="dot label-other"></span><span class="text">${others.length === 1 ? t("One other folder") : t("{0} other folders", others.length)}</span
            ><span>${images.toLocaleString()}</span>
          </p>`
    }
  </section>`;
}

/** The selected images, and what can be done with them. */
export function renderSelection(
  selection: readonly number[],
  current: number | undefined,
  paths: readonly string[],
  store: ThumbnailStore,
  actions: SideActions,
): TemplateResult {
  const target = current !== undefined && selection.includes(current) ? current : selection[0];
  if (target === undefined) {
    return html`<section class="selection">
      <p class="quiet hint">
        ${t("Shift-drag in a map selects images, a click selects one. Wheel zooms, drag pans, F shows all, Esc clears.")}
      </p>
    </section>`;
  }
  return html`<section class="selection" aria-label=${t("Selection")}>
    <h3>${selection.length === 1 ? nameOf(paths[target]!) : t("{0} selected", selection.length.toLocaleString())}</h3>
    <div class="buttons">
      <button class="primary" title=${paths[target]!} @click=${() => actions.findSimilar(target)}>
        ${t("Find similar")}
      </button>
      <button class="secondary" @click=${() => actions.clear()}>${t("Clear")}</button>
    </div>
    <div class="thumbnails">
      ${repeat(
        selection.slice(0, MOST),
        (row) => row,
        (row) =>
          html`<button
            class="thumbnail"
            data-path=${paths[row]!}
            title=${paths[row]!}
            aria-label=${t("{0} in {1}", nameOf(paths[row]!), labelOf(paths[row]!) || "/")}
            aria-current=${row === target}
            @click=${() => actions.point(row)}
            @dblclick=${() => actions.open(row)}
            @pointerenter=${() => actions.hover(row)}
            @pointerleave=${() => actions.hover(undefined)}
          >
            <lookalike-thumbnail class="picture" .path=${paths[row]!} .store=${store}></lookalike-thumbnail>
          </button>`,
      )}
    </div>
    ${selection.length > MOST ? html`<p class="quiet">${t("and {0} more", (selection.length - MOST).toLocaleString())}</p>` : nothing}
  </section>`;
}
