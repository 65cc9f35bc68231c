import { html, nothing, svg, type TemplateResult } from "lit";
import { cosineText } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import type { ShownCard } from "./filters.ts";
import { splitName } from "./text.ts";
import type { Card, Column, Share, Standing } from "./viewModel.ts";

/** Class that carries a descriptor's colour. */
export function colourClass(colour: number | null): string {
  return colour === null ? "colour-foreground" : `colour-${colour}`;
}

/** How a card stands in the page. */
export interface CardLook {
  readonly focusable: boolean;
  readonly selected: boolean;
  /** Whether its label is the query's; null where labels are not looked at. */
  readonly sameLabel: boolean | null;
  /** From a table, shown instead of the folder; "" for none. null where labels are folders. */
  readonly label: string | null;
  /** Other images of the list that this one stands for. */
  readonly more: ShownCard["more"];
  /** How its score stands to those of random pairs: above, the first that is not, a further one. */
  readonly chance: Standing;
  /** Whether images can be added to the query. */
  readonly addable: boolean;
}

/** One result: a cell of the lists. */
export function renderCard(card: Card, column: Column, look: CardLook, store: ThumbnailStore): TemplateResult {
  const { path, fileName, folderName, rank, score, places, shares } = card;
  const others = places.filter((place) => place.column !== column.name);
  const elsewhere =
    others.length === 0
      ? t("Only in this list")
      : t("Also in {0}", others.map((place) => t("{0}: rank {1}", place.style.label, place.rank)).join(", "));
  const [start, end] = splitName(fileName);
  // Its name for assistive technology is what it shows, so that speech control finds it; the tooltip describes it.
  return html`<div
    role="gridcell"
    class="card ${look.sameLabel === false ? "other-label" : ""} chance-${look.chance}"
    tabindex=${look.focusable ? 0 : -1}
    aria-selected=${look.selected}
    data-path=${path}
    data-column=${column.name}
    data-rank=${rank}
    data-vscode-context=${JSON.stringify({ webviewSection: "image", path, preventDefaultContextMenuItems: true })}
    title=${`${path}\n${elsewhere}${look.chance === "above" ? "" : `\n${byChance(card.chance!)}`}`}
  >
    <lookalike-thumbnail class="picture" .path=${path} .store=${store}></lookalike-thumbnail>
    <span class="rank">${rank}${card.from === null ? nothing : html`<span class="from" title=${movedFrom(card.from)}> (${card.from})<span class="unseen">${movedFrom(card.from)}</span></span>`}</span>
    <span class="name"
      ><span class="unseen">${fileName}</span><span class="start" aria-hidden="true">${start}</span
      ><span class="end" aria-hidden="true">${end}</span></span
    >
    <span class="folder quiet">${look.sameLabel === null ? nothing : renderLabelMark(look.sameLabel)}${look.label === "" ? html`<i>${t("No label")}</i>` : (look.label ?? folderName)}</span>
    <span class="score"
      >${cosineText(score)}${look.chance === "first" ? html` <span class="chance-line">${t("by chance")}</span>` : nothing}</span
    >
    <span class="places"
      >${
        others.length === 0
          ? html`<span class="only ${colourClass(column.style.colour)}">${t("only {0}", column.style.letter)}</span>`
          : places.map(
              ({ style, rank: at }) =>
                html`<span class="letter ${colourClass(style.colour)}" aria-hidden="true" title=${t("{0}: rank {1}", style.label, at)}
                  >${style.letter}</span
                >`,
            )
      }${look.more === null ? nothing : renderMore(look.more)}</span
    >
    ${shares.length === 0 ? nothing : renderShares(shares)} ${look.addable ? ADD : nothing}
  </div>`;
}

/** @param rank by score */
function movedFrom(rank: number): string {
  return t("by score its rank is {0}", rank);
}

/** @param limit the highest score of random pairs */
export function byChance(limit: number): string {
  return t("random pairs score up to {0}", limit.toFixed(2));
}

/** Not in the tab order: the keys + and - do the same on the card itself. */
const ADD = html`<span class="add" aria-hidden="true"
  ><span class="button" data-sign="1">+</span><span class="button" data-sign="-1">−</span></span
>`;

function renderMore({ images, because }: NonNullable<ShownCard["more"]>): TemplateResult {
  const title =
    because === "label" ? t("and {0} more with the same label", images) : t("and {0} more of the same picture", images);
  return html`<span class="copies" title=${title}>+${images}</span>`;
}

function renderLabelMark(same: boolean): TemplateResult {
  return same
    ? html`<span class="label-mark same" role="img" aria-label=${t("same label")}>✓</span> `
    : html`<span class="label-mark other" role="img" aria-label=${t("other label")}>✗</span> `;
}

/** A bar of the combined score, in the colours of the branches that make it; what takes from it stands left of zero. */
function renderShares(shares: readonly Share[]): TemplateResult {
  const below = shares.reduce((sum, { value }) => sum + Math.max(0, -value), 0);
  let left = 0;
  let right = 0;
  return html`<svg class="shares" viewBox="${-below} 0 ${1 + below} 1" preserveAspectRatio="none" aria-hidden="true">
    ${shares.map(({ style, value }) => {
      const width = Math.abs(value);
      if (value < 0) left -= width;
      const x = value < 0 ? left : right;
      if (value >= 0) right += width;
      return svg`<rect class="${colourClass(style.colour)} ${value < 0 ? "negative" : ""}" x=${x} y="0" width=${width} height="1"></rect>`;
    })}
  </svg>`;
}
