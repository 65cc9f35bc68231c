import { html, nothing, svg, type TemplateResult } from "lit";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import { type Card, type Column, type Share, splitName } from "./viewModel.ts";

/** Class that carries a descriptor's colour. */
export function colourClass(colour: number | null): string {
  return colour === null ? "colour-foreground" : `colour-${colour}`;
}

/** One result: a cell of the lists. */
export function renderCard(card: Card, column: Column, focusable: boolean, store: ThumbnailStore): TemplateResult {
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
    class="card"
    tabindex=${focusable ? 0 : -1}
    data-path=${path}
    data-column=${column.name}
    data-rank=${rank}
    data-vscode-context=${JSON.stringify({ webviewSection: "image", path, preventDefaultContextMenuItems: true })}
    title=${`${path}\n${elsewhere}`}
  >
    <lookalike-thumbnail class="picture" .path=${path} .store=${store}></lookalike-thumbnail>
    <span class="rank">${rank}</span>
    <span class="name"
      ><span class="unseen">${fileName}</span><span class="start" aria-hidden="true">${start}</span
      ><span class="end" aria-hidden="true">${end}</span></span
    >
    <span class="folder quiet">${folderName}</span>
    <span class="score">${score.toFixed(2)}</span>
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
      }</span
    >
    ${shares.length === 0 ? nothing : renderShares(shares)}
  </div>`;
}

/** A bar of the combined score, in the colours of the branches that make it. */
function renderShares(shares: readonly Share[]): TemplateResult {
  let x = 0;
  return html`<svg class="shares" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
    ${shares.map(({ style, value }) => {
      const width = Math.max(0, value);
      x += width;
      return svg`<rect class=${colourClass(style.colour)} x=${x - width} y="0" width=${width} height="1"></rect>`;
    })}
  </svg>`;
}
