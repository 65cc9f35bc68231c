import { COMBINED } from "../descriptors.ts";
import { type EvaluatedModel, type EvaluationReport, evaluatedName } from "../evaluation.ts";
import { classTable, comparisonSection, sizeSection } from "./comparison.ts";
import { copySection, failureSection } from "./failures.ts";
import { differenceTable, figureTable } from "./figures.ts";
import { columnName, html, type Markup, type ViewParts } from "./html.ts";

export { columnName, html, Markup, type Translate, untranslated, type ViewParts } from "./html.ts";

/** The whole report as markup without scripts, the same in a page of VS Code and in a file. */
export function evaluationMarkup(report: EvaluationReport, parts: ViewParts): Markup {
  const { t } = parts;
  const { queries, excluded, gallery, classes, note, warnings, models, modelDifferences, cropped, boxes } = report;
  return html`<header>
      <p>${t("Protocol {0}: {1}.", report.protocol, report.protocolNote)}${cropped ? html` ${t("Images are cropped to their boxes.")}` : null}</p>
      <p>${t("Queries: {0}. Images to find among: {1}. Classes: {2}. Queries left out, since there is no other image of their class: {3}.", queries, gallery, classes, excluded)}</p>
      ${boxes === null ? null : html`<p>${t("Boxes of objects in {0} images from {1}.", boxes.images, boxes.from)}</p>`}
      ${note === null ? null : html`<p class="note" role="note">${note}</p>`}
      ${warnings.length === 0 ? null : remarks(warnings, parts)}
    </header>
    ${differenceTable(modelDifferences, t("Combined of the first model against the others"), parts)}
    ${models.map((model) => modelSection(model, queries, parts))}
    ${copySection(report, parts)}`;
}

/** Seen at once where they are few: some say that a figure flatters. */
const FEW = 4;

function remarks(warnings: readonly string[], { t }: ViewParts): Markup {
  const content = html`<summary>${t("Remarks on the data: {0}", warnings.length)}</summary><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`;
  return warnings.length <= FEW ? html`<details open>${content}</details>` : html`<details>${content}</details>`;
}

function modelSection(model: EvaluatedModel, queries: number, parts: ViewParts): Markup | null {
  const { t } = parts;
  const combined = model.descriptors[COMBINED];
  if (combined === undefined) return null;
  return html`<section>
    <h2>${evaluatedName(model)}</h2>
    ${model.trainedOn === null ? null : html`<p class="note" role="note">${t("It was trained on {0} of the {1} queries, of {2} classes: its figures here flatter it.", model.trainedOn.queries, queries, model.trainedOn.classes)}</p>`}
    ${figureTable(model, false, parts)}
    ${combined.withoutCopies === null ? null : figureTable(model, true, parts)}
    ${differenceTable(model.differences, t("Combined against each descriptor and subset"), parts, (key) => columnName(key, t))}
    ${model.comparison === null ? null : comparisonSection(model.comparison, combined.metrics["recall@1"] ?? 0, parts)}
    ${model.sizes === null ? null : sizeSection(model.sizes, parts)}
    ${model.failures.length === 0 ? null : failureSection(model.failures, parts)}
    <details><summary>${t("All {0} classes", model.classes.length)}</summary>${classTable(model.classes, parts)}</details>
  </section>`;
}
