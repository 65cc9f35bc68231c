import { html, nothing, type TemplateResult } from "lit";
import type { SimilarState } from "../../src/shared/index.ts";
import { t } from "../strings.ts";

/** The switch between one folder and all of the window. @param folder name of the one */
export function renderScope(folder: string, across: boolean, change: (across: boolean) => void): TemplateResult {
  const choice = (all: boolean, text: string, title: string) =>
    html`<button aria-pressed=${across === all} title=${title} @click=${() => across !== all && change(all)}>${text}</button>`;
  return html`<span class="scope" role="group" aria-label=${t("Searched folders")}
    >${choice(false, t("This folder"), folder)}${choice(true, t("All folders"), t("All indexed folders of the window"))}</span
  >`;
}

/** Whether the lists were made with another model than the one in use. */
export function isOld({ result, model }: SimilarState): boolean {
  return result !== null && model !== null && result.model.fingerprint !== model;
}

/** What one has to know of where the lists come from. */
export function renderOrigin(state: SimilarState, update: () => void): TemplateResult | typeof nothing {
  const old = isOld(state);
  const ranked = state.across?.order === "rank";
  if (!old && !ranked) return nothing;
  return html`<div class="origin" role="status">
    ${
      ranked
        ? html`<span class="text"
            >${t("The folders have different models or weights, whose scores do not compare: the best of each folder first, then the second best.")}</span
          >`
        : nothing
    }
    ${old ? html`<span class="text">${t("Results of the old model")}</span>` : nothing}
    ${
      old && state.progress === null && !state.searching
        ? html`<button class="secondary" @click=${update}>${t("Update")}</button>`
        : nothing
    }
  </div>`;
}
