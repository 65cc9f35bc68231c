import { html, type TemplateResult } from "lit";
import {
  type Attribution,
  type Box,
  type BranchExplanation,
  cosineText,
  type DescriptorStyle,
} from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import { colourClass } from "./card.ts";

/** What is shown large of an explanation. */
export interface Enlarged {
  readonly branch: BranchExplanation;
  readonly style: DescriptorStyle;
  /** Each with what its map covers. */
  readonly query: { readonly path: string; readonly box: Box | null };
  readonly result: { readonly path: string; readonly box: Box | null };
}

/** The maps of one descriptor beside the two pictures, all in one size. To be shown once it is drawn. @param close called when it was closed, by Escape too */
export function renderEnlarged(
  { branch, style, query, result }: Enlarged,
  store: ThumbnailStore,
  close: () => void,
): TemplateResult {
  const picture = ({ path, box }: Enlarged["query"], attribution: Attribution | null, label: string) =>
    html`<figure>
      <lookalike-heat
        .path=${path}
        .box=${box}
        .store=${store}
        .attribution=${attribution}
        .strength=${1}
        .label=${label}
        .pointed=${() => {}}
      ></lookalike-heat>
      <figcaption class="quiet">${label}</figcaption>
    </figure>`;
  return html`<dialog
    class="enlarged ${colourClass(style.colour)}"
    aria-label=${t("{0}, enlarged", style.label)}
    @close=${close}
    @click=${(event: Event) => {
      if (event.target === event.currentTarget) (event.currentTarget as HTMLDialogElement).close();
    }}
  >
    <div class="enlarged-head">
      <h2><span class="letter">${style.letter}</span> ${style.label} ${cosineText(branch.score, 3)}</h2>
      <button
        class="close"
        aria-label=${t("Close")}
        title=${t("Close")}
        @click=${(event: Event) => (event.currentTarget as HTMLElement).closest("dialog")?.close()}
      >
        ×
      </button>
    </div>
    <div class="enlarged-pictures">
      ${picture(query, null, t("query"))} ${picture(query, branch.query, t("what the query gives"))}
      ${picture(result, null, t("result"))} ${picture(result, branch.result, t("what the result gives"))}
    </div>
  </dialog>`;
}
