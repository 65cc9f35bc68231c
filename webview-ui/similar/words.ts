import { html, nothing, type TemplateResult } from "lit";
import { descriptorStyles, type QueryText, type SimilarState, type WordsAnswer } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import { renderPartWeight } from "./partWeight.ts";

export interface WordActions {
  /** The query's words from now on. */
  words(texts: readonly QueryText[]): void;
}

/** The words of a query, each with its sign and weight, a field for more, and what is to be known of the answer. */
export function renderWords(
  texts: readonly QueryText[],
  { examples, result }: SimilarState,
  actions: WordActions,
): TemplateResult {
  const parts = texts.length + examples.length;
  const change = (index: number, next: QueryText | null) =>
    actions.words(texts.flatMap((text, i) => (i !== index ? [text] : next === null ? [] : [next])));
  const add = (event: Event) => {
    event.preventDefault();
    const input = (event.target as HTMLFormElement).querySelector("input")!;
    const text = input.value.trim();
    if (text === "") return;
    input.value = "";
    actions.words([...texts, { text, sign: 1 }]);
  };
  return html`<div class="words" role="group" aria-label=${t("Words of the query")}>
      ${texts.length === 0 ? nothing : html`<ul class="basket">${texts.map((text, i) => renderText(text, i))}</ul>`}
      <form @submit=${add}>
        <input
          type="search"
          maxlength="1000"
          aria-label=${t("Search by words")}
          placeholder=${texts.length === 0 ? t("Search by words") : t("Add words")}
        />
      </form>
    </div>
    ${result?.words === undefined ? nothing : renderAnswer(result.words, result.model.descriptors)}`;

  function renderText(part: QueryText, i: number): TemplateResult {
    const { text, sign, weight } = part;
    return html`<li class="chip ${sign < 0 ? "negative" : ""}" data-text=${text}>
      <button
        class="sign"
        aria-label=${sign > 0 ? t("{0}: towards these words; turn", text) : t("{0}: away from these words; turn", text)}
        title=${sign > 0 ? t("Towards these words") : t("Away from these words")}
        @click=${() => change(i, { ...part, sign: sign > 0 ? -1 : 1 })}
      >
        ${sign > 0 ? "+" : "−"}
      </button>
      <span class="name-part">${text}</span>
      ${parts === 1 ? nothing : renderPartWeight(text, weight, (next) => change(i, { ...part, weight: next }))}
      ${
        parts === 1
          ? nothing
          : html`<button class="remove" aria-label=${t("Remove {0}", text)} @click=${() => change(i, null)}>×</button>`
      }
    </li>`;
  }
}

function renderAnswer({ branch, notes }: WordsAnswer, descriptors: readonly string[]): TemplateResult {
  const styles = descriptorStyles(descriptors);
  const label = (name: string) => styles.get(name)?.label ?? name;
  const others = descriptors.filter((name) => name !== branch).map(label);
  return html`<div class="words-notes quiet" role="status">
    ${
      others.length === 0
        ? nothing
        : html`<p>
            ${t("Words rank in {0} only, and Combined is its list. {1} show the neighbours of its best five.", label(branch), others.join(", "))}
          </p>`
    }
    ${notes.map((note) =>
      note.kind === "cut"
        ? html`<p>${t("Longer than the model takes. Of it was taken: {0}", note.cutTo)}</p>`
        : html`<p>${t("The model was not trained on: {0}. What these find may be chance.", note.words.join(", "))}</p>`,
    )}
  </div>`;
}
