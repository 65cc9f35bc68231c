import { html, nothing, type TemplateResult } from "lit";
import { COMBINED, type DescriptorStyle, type Recalls, type RunProgress } from "../../src/shared/index.ts";
import { colourClass } from "../similar/card.ts";
import { t } from "../strings.ts";
import { findings, hasFigures, isAnother, points, reached, referenceOf, withInterval } from "./findings.ts";

/** Recall@1 before and now, per branch and combined, with what to think of it. @param root that the model is for */
export function renderRecalls(
  run: RunProgress,
  styles: ReadonlyMap<string, DescriptorStyle>,
  root: string,
): TemplateResult | typeof nothing {
  if (run.baseline === null) return nothing;
  const now = reached(run);
  const reference = referenceOf(run);
  const columns: [className: string, title: string, recalls: Recalls | undefined][] = [
    ["at-first", t("before training"), run.baseline],
    ...(isAnother(run) && reference !== null ? [["in-use", t("model in use"), reference] as const] : []),
    ...(run.result?.adapted === undefined ? [] : [["adapted", t("without labels"), run.result.adapted] as const]),
    ["now", run.result === null ? t("now") : t("trained"), now],
  ].map(([className, title, recalls]) => [className, title, recalls] as [string, string, Recalls | undefined]);
  return html`${
    hasFigures(run)
      ? html`<table class="recalls">
          <caption class="unseen">${t("Recall@1 on held-out images")}</caption>
          <thead>
            <tr>
              <th scope="col">Recall@1</th>
              ${columns.map(([, title]) => html`<th scope="col">${title}</th>`)}
              <th scope="col">${t("points")}</th>
            </tr>
          </thead>
          <tbody>
            ${[...styles].map(([name, { label, letter, colour }]) => {
              const before = reference?.[name]?.["recall@1"];
              const after = now?.[name]?.["recall@1"];
              return html`<tr class=${name === COMBINED ? "strong" : ""}>
                <th scope="row"><span class="letter ${colourClass(colour)}">${letter}</span> ${t(label)}</th>
                ${columns.map(([className, , recalls]) => renderRecall(className, recalls?.[name]?.["recall@1"] ?? undefined, run))}
                <td>${before == null || after == null ? "–" : points(after - before)}</td>
              </tr>`;
            })}
          </tbody>
        </table>`
      : nothing
  }
    <div class="findings">${findings(run, root).map((text) => html`<p>${text}</p>`)}</div>`;
}

function renderRecall(className: string, recall: number | undefined, run: RunProgress): TemplateResult {
  if (recall === undefined) return html`<td class=${className}>–</td>`;
  const { share, interval } = withInterval(recall, run);
  return html`<td class=${className}><span class="share">${share}</span>${interval === "" ? nothing : html` <span class="interval quiet">${interval}</span>`}</td>`;
}
