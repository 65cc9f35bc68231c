import { html, type TemplateResult } from "lit";
import { folderName } from "../../src/shared/index.ts";
import type { Place } from "../plot/view.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import { nameOf } from "./labels.ts";

/** What a point stands for, beside it. @param value what the points are coloured by; empty where that is the folder */
export function renderCard(path: string, value: string, store: ThumbnailStore): TemplateResult {
  return html`<div class="hover-card" aria-hidden="true" data-path=${path}>
    <lookalike-thumbnail class="picture" .path=${path} .store=${store}></lookalike-thumbnail>
    <span class="card-name">${nameOf(path)}</span>
    <span class="quiet">${folderName(path)}</span>
    ${value === "" ? "" : html`<span class="card-value">${value}</span>`}
  </div>`;
}

/** Puts the card where there is room. By hand: the page's policy allows no style in attributes. */
export function placeCard(card: HTMLElement, at: Place | undefined): void {
  card.hidden = at === undefined;
  if (at === undefined) return;
  const { width, height } = card.getBoundingClientRect();
  const left = at.x + 16 + width <= innerWidth ? at.x + 16 : at.x - 16 - width;
  card.style.left = `${Math.max(4, left)}px`;
  card.style.top = `${Math.max(4, Math.min(at.y - height / 2, innerHeight - height - 4))}px`;
}
