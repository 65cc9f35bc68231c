import { html, nothing, type TemplateResult } from "lit";
import { type BranchWeights, descriptorStyles } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import { colourClass } from "./card.ts";
import { anyWeight, sameWeights } from "./weights.ts";

/** Twice as much as trained; only proportions count, so that more says nothing new. */
const MOST = 2;

/** A slider per branch: what it counts in combined. */
export function renderWeights(
  branches: readonly string[],
  weights: BranchWeights,
  change: (weights: BranchWeights) => void,
): TemplateResult {
  const styles = descriptorStyles(branches);
  return html`<div class="weights" role="group" aria-label=${t("Weights of the descriptors in Combined")}>
    ${branches.map((name) => {
      const { label, letter, colour } = styles.get(name)!;
      const weight = weights[name] ?? 1;
      return html`<label class=${colourClass(colour)} title=${t("Weight of {0} in Combined", label)}>
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
            if (anyWeight(branches, next)) change(next);
            else (event.target as HTMLInputElement).value = String(weight);
          }}
        />
        <span class="figure">${weight.toFixed(2)}</span>
      </label>`;
    })}
    ${
      sameWeights(branches, weights, {})
        ? nothing
        : html`<button class="link" @click=${() => change({})}>${t("As trained")}</button>`
    }
  </div>`;
}
