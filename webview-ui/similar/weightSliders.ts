import { html, nothing, type TemplateResult } from "lit";
import {
  type BranchWeights,
  descriptorStyles,
  equalWeights,
  type PageQuery,
  type SimilarResult,
  type SimilarState,
} from "../../src/shared/index.ts";
import { withAbout } from "../branchAbout.ts";
import { t } from "../strings.ts";
import { colourClass } from "./card.ts";
import { reasonOf } from "./weightReason.ts";
import { anyWeight, inForce, sameWeights } from "./weights.ts";

/** Twice as much as another one; only proportions count, so that more says nothing new. */
const MOST = 2;

export interface WeightActions {
  weights(weights: BranchWeights): void;
  /** Weights are to be chosen, for the index to hold. */
  suggest(choice: "auto" | "equal"): void;
  /** Weights are to be chosen by marks. */
  mark(): void;
}

/** A slider per branch: what it counts in combined; and where the weights come from. */
export function renderWeights(
  branches: readonly string[],
  asked: BranchWeights,
  { result, progress }: Pick<SimilarState, "result" | "progress">,
  actions: WeightActions,
): TemplateResult {
  const styles = descriptorStyles(branches);
  const weights = inForce(asked, result);
  return html`<div class="weights" role="group" aria-label=${t("Weights of the descriptors in Combined")}>
    ${branches.map((name) => {
      const { label, letter, colour } = styles.get(name)!;
      const weight = weights[name] ?? 1;
      return html`<label class=${colourClass(colour)} title=${withAbout(t("Weight of {0} in Combined", label), name)}>
        <span class="letter" aria-hidden="true">${letter}</span>
        <input
          type="range"
          min="0"
          max=${MOST}
          step="0.05"
          data-branch=${name}
          aria-label=${t("Weight of {0} in Combined", label)}
          .value=${String(weight)}
          @input=${(event: Event) => {
            const next = { ...weights, [name]: Number((event.target as HTMLInputElement).value) };
            // Without any branch there is nothing to rank by: the last one cannot be taken away.
            if (anyWeight(branches, next)) actions.weights(next);
            else (event.target as HTMLInputElement).value = String(weight);
          }}
        />
        <span class="figure">${weight.toFixed(2)}</span>
      </label>`;
    })}
    ${renderOrigin(branches, asked, weights, result, progress !== null, actions)}
  </div>`;
}

/** In half a window: the filters and the sliders in a row that hides them, and says that other weights than equal ones are in force. */
export function renderFold(
  filters: TemplateResult,
  branches: readonly string[],
  query: PageQuery,
  state: Pick<SimilarState, "result" | "comparison" | "progress">,
  actions: WeightActions,
): TemplateResult {
  const { result, comparison } = state;
  const none = branches.length < 2 || comparison !== null || (query.texts ?? []).length > 0;
  const weights = none ? nothing : renderWeights(branches, query.weights, state, actions);
  return html`<details class="fold"><summary>${t("Weights and filters")}${heldNote(query.weights, result)}</summary>${weights} ${filters}</details>`;
}

/** Behind the name of the row: weights that the index holds are in force. */
function heldNote(
  asked: BranchWeights,
  result: Pick<SimilarResult, "suggested"> | null,
): TemplateResult | typeof nothing {
  const suggested = result?.suggested;
  if (suggested == null || suggested.reason !== undefined || Object.keys(asked).length > 0) return nothing;
  return html` <span class="quiet">${reasonOf(suggested).short}</span>`;
}

/**
 * What is in force, why, and what else there is.
 * @param running whether a run is under way, which chooses weights at its end: none are offered meanwhile
 */
function renderOrigin(
  branches: readonly string[],
  asked: BranchWeights,
  weights: BranchWeights,
  result: Pick<SimilarResult, "suggested" | "weights"> | null,
  running: boolean,
  { weights: change, suggest, mark }: WeightActions,
): TemplateResult {
  const suggested = result?.suggested;
  const held = suggested?.weights ?? {};
  const equal = equalWeights(branches);
  const link = (name: string, text: string, title: string, act: () => void) =>
    html`<button class="link ${name}" title=${title} @click=${act}>${text}</button>`;
  // Asked for by name, and another mix than what the index holds.
  const own = Object.keys(asked).length > 0 && !sameWeights(branches, weights, held);
  const said = suggested != null && !own ? reasonOf(suggested) : null;
  // Several folders, of which each has its own.
  const differ = result !== null && Object.keys(asked).length === 0 && !anyWeight(branches, result.weights);
  const isEqual = !differ && sameWeights(branches, weights, equal);
  const back = sameWeights(branches, held, equal)
    ? nothing
    : link("reset", t("Suggested"), suggested == null ? "" : reasonOf(suggested).text, () => change({}));
  return html`${said === null ? nothing : html`<span class="quiet why-weights" role="note" title=${said.text} aria-label=${said.text}>${said.short}</span>`}
    ${own ? back : nothing}
    ${isEqual ? nothing : link("equal", t("Equal"), t("All descriptors count the same"), () => change(suggested !== undefined && sameWeights(branches, held, equal) ? {} : equal))}
    ${suggested === undefined ? nothing : link("by-marks", t("By marks..."), t("Some 30 pairs of images, each answered with one key, choose the weights"), mark)}
    ${
      suggested !== null || own || running
        ? nothing
        : html`<span class="quiet offer">${t("This index has no suggested weights yet.")}</span>
            ${link("suggest", t("Suggest"), t("Chooses weights by the names of folders, or says why it cannot"), () => suggest("auto"))}
            ${link("keep", t("Keep equal"), t("All descriptors count the same"), () => suggest("equal"))}`
    }`;
}
