import { type EvaluatedModel, evaluatedName, type FigureDifference } from "../evaluation.ts";
import { intervalChart } from "./charts.ts";
import { columnName, html, type Markup, percent, signed, type ViewParts } from "./html.ts";

/** The figures of one model: a row per descriptor and subset, a column per metric, intervals below each. */
export function figureTable(model: EvaluatedModel, withoutCopies: boolean, { t }: ViewParts): Markup {
  const name = evaluatedName(model);
  const rows = Object.entries(model.descriptors);
  const of = (row: (typeof rows)[number][1]) => (withoutCopies ? row.withoutCopies : row);
  const metrics = Object.keys(of(rows[0]![1])?.metrics ?? {});
  if (metrics.length === 0) return html``;
  const best = new Map(
    metrics.map((metric) => [metric, Math.max(...rows.map(([, row]) => of(row)!.metrics[metric]!))]),
  );
  const caption = withoutCopies
    ? t("{0}: without copies of the query as answers ({1} queries), %", name, rows[0]![1].withoutCopies!.queries)
    : t("{0}: %, with 95 % intervals", name);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table class="figures">
    <caption>${caption}</caption>
    <thead><tr><th scope="col">${t("Descriptor")}</th>${metrics.map((metric) => html`<th scope="col">${metricName(metric)}</th>`)}</tr></thead>
    <tbody>${rows.map(([key, row]) => {
      const { metrics: values, intervals } = of(row)!;
      return html`<tr><th scope="row">${columnName(key, t)}</th>${metrics.map((metric) => {
        const [low, high] = intervals[metric]!;
        const isBest = values[metric] === best.get(metric);
        return html`<td class="${isBest ? "best" : ""}">${percent(values[metric]!)}<span class="quiet">${percent(low)}–${percent(high)}</span></td>`;
      })}</tr>`;
    })}</tbody>
  </table></div>`;
}

export function metricName(metric: string): string {
  const names: Readonly<Record<string, string>> = { "r-precision": "R-precision", "map@r": "MAP@R", mrr: "MRR" };
  return names[metric] ?? metric.replace("recall", "Recall");
}

/** Differences with their intervals around zero. @param name what is compared, as it is shown */
export function differenceTable(
  differences: readonly FigureDifference[],
  caption: string,
  { t }: ViewParts,
  name: (key: string) => string = (key) => key,
): Markup | null {
  if (differences.length === 0) return null;
  const scale = Math.max(...differences.flatMap(({ interval }) => interval.map(Math.abs)), 0.01);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table>
    <caption>${caption}</caption>
    <thead><tr><th scope="col">${t("Difference")}</th><th scope="col">${t("Metric")}</th><th scope="col">${t("Points")}</th><th scope="col">${t("95 % interval")}</th><th scope="col"><span class="unseen">${t("Chart")}</span></th></tr></thead>
    <tbody>${differences.map(
      ({ a, b, metric, difference, interval }, i) => html`<tr>
        ${pairHead(differences, i, `${name(a)} − ${name(b)}`)}<td>${metricName(metric)}</td><td class="number">${signed(difference)}</td>
        <td class="number">${t("{0} to {1}", signed(interval[0]), signed(interval[1]))}${interval[0] <= 0 && interval[1] >= 0 ? html` <span class="quiet">${t("may be chance")}</span>` : null}</td>
        <td>${intervalChart(difference, interval, scale, t)}</td>
      </tr>`,
    )}</tbody>
  </table></div>`;
}

/** What is compared in a row: once for all rows of a pair that follow each other, null in the others of them. */
function pairHead(differences: readonly FigureDifference[], at: number, text: string): Markup | null {
  const { a, b } = differences[at]!;
  const same = (i: number) => differences[i]?.a === a && differences[i]?.b === b;
  if (same(at - 1)) return null;
  let rows = 1;
  while (same(at + rows)) rows++;
  return rows === 1 ? html`<th scope="row">${text}</th>` : html`<th scope="rowgroup" rowspan="${rows}">${text}</th>`;
}
