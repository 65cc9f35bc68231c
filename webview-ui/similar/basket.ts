import { html, nothing, type TemplateResult } from "lit";
import type { ExampleImage, QueryText } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import { renderPartWeight } from "./partWeight.ts";

export interface BasketActions {
  /** Shows this example in the large picture. */
  look(index: number): void;
  turn(index: number): void;
  /** How much this example counts beside the other parts of the query. */
  weigh(index: number, weight: number): void;
  remove(index: number): void;
  /** Leaves the first. */
  clear(): void;
  pick(): void;
}

/** The examples that make the query: towards these images, away from those. */
export function renderBasket(
  examples: readonly ExampleImage[],
  texts: readonly QueryText[],
  looked: number,
  store: ThumbnailStore,
  actions: BasketActions,
): TemplateResult {
  const sole = examples.length + texts.length === 1;
  return html`<ul class="basket" aria-label=${t("Examples of the query")}>
    ${sole && examples[0]?.sign === 1 ? nothing : examples.map((example, i) => renderChip(example, i))}
    <li>
      <button
        class="secondary"
        title=${t("From disk. You can also paste an image, drop one (from the Explorer hold Shift while dropping, over SSH too), or press + and − on a result.")}
        @click=${actions.pick}
      >
        ${t("Add images...")}
      </button>
    </li>
    ${
      examples.length < 2 ? nothing : html`<li><button class="link" @click=${actions.clear}>${t("Clear")}</button></li>`
    }
  </ul>`;

  function renderChip({ name, path, sign, box, weight }: ExampleImage, i: number): TemplateResult {
    return html`<li class="chip ${sign < 0 ? "negative" : ""}" data-path=${path}>
      <button
        class="sign"
        aria-label=${sign > 0 ? t("{0}: towards this image; turn", name) : t("{0}: away from this image; turn", name)}
        title=${sign > 0 ? t("Towards this image") : t("Away from this image")}
        @click=${() => actions.turn(i)}
      >
        ${sign > 0 ? "+" : "−"}
      </button>
      <button
        class="look"
        aria-pressed=${i === looked}
        title=${path}
        @click=${() => actions.look(i)}
      >
        <lookalike-thumbnail class="picture" .path=${path} .store=${store}></lookalike-thumbnail>
        <span class="name-part">${name}${box === null ? nothing : html` <span class="quiet">${t("region")}</span>`}</span>
      </button>
      ${sole ? nothing : renderPartWeight(name, weight, (next) => actions.weigh(i, next))}
      ${
        sole
          ? nothing
          : html`<button class="remove" aria-label=${t("Remove {0}", name)} @click=${() => actions.remove(i)}>×</button>`
      }
    </li>`;
  }
}
