import { html, nothing, type TemplateResult } from "lit";
import { nothingLike, type WordsAnswer } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import { type Card, type Column, standing } from "./viewModel.ts";

/** Where the best there is, is no more alike than by chance. */
export function renderNothing(combined: Column, words: WordsAnswer | null): TemplateResult | typeof nothing {
  if (words?.cutOffs !== undefined) return renderNothingInAny(words, words.cutOffs);
  const [best] = combined.cards;
  if (best === undefined || standing(combined, 0) === "above") return nothing;
  return words === null ? renderNothingClose(best) : renderNothingLike(best, words);
}

/** The best there is, is no more alike than any two images of the folder. */
function renderNothingClose({ score, chance }: Card): TemplateResult {
  return html`<p class="filter-notes nothing-close" role="status">
    ${t("Nothing here is close: the best score is {0}, and random pairs of this folder score up to {1}.", score.toFixed(2), chance!.toFixed(2))}
  </p>`;
}

/** The best there is, is no more like the words than random words are like the images of the folder. */
function renderNothingLike({ score, chance }: Card, { cutOff }: WordsAnswer): TemplateResult {
  const best = score.toFixed(2);
  const text =
    cutOff?.by === "probability"
      ? t(
          "Nothing like that here: the best score is {0}, and below {1} the model itself gives less than 1 %.",
          best,
          chance!.toFixed(2),
        )
      : t(
          "Nothing like that here: the best score is {0}, and random words score up to {1} in this folder.",
          best,
          chance!.toFixed(2),
        );
  return html`<p class="filter-notes nothing-close" role="status">${text}</p>`;
}

/** Each of several folders by what it says itself. */
function renderNothingInAny(
  words: WordsAnswer,
  cutOffs: NonNullable<WordsAnswer["cutOffs"]>,
): TemplateResult | typeof nothing {
  if (!nothingLike(words)) return nothing;
  const each = Object.entries(cutOffs).flatMap(([folder, said]) => {
    if (said === null) return [];
    const up = said.score.toFixed(2);
    if (said.best === null) return [t("{0}: nothing above {1}", folder, up)];
    return [t("{0}: the best score is {1}, and up to {2} is by chance", folder, said.best.toFixed(2), up)];
  });
  return html`<p class="filter-notes nothing-close" role="status">${t("Nothing like that in any folder. {0}.", each.join("; "))}</p>`;
}
