import type { BranchComparison, ClassFigure, PairComparison, SizeComparison, SizeContrast } from "../evaluation.ts";
import { shareBar } from "./charts.ts";
import { columnName, html, type Markup, percent, signed, type ViewParts } from "./html.ts";

/** Where descriptors differ. */
export function comparisonSection(
  { pairs, oracle, wins }: BranchComparison,
  combined: number,
  parts: ViewParts,
): Markup {
  const { t } = parts;
  return html`<section>
    <h3>${t("Where descriptors differ")}</h3>
    <p>${t("At least one descriptor is right for {0} % of the queries: what choosing between them could reach. Combined reaches {1} %.", percent(oracle), percent(combined))}</p>
    ${pairs.map((pair) => pairSection(pair, parts))}
    ${wins.map(({ descriptor, classes, first }) =>
      classes === 0
        ? null
        : html`<details><summary>${t("{0} finds {1} classes best", columnName(descriptor, t), classes)}</summary>${classTable(first, parts)}</details>`,
    )}
  </section>`;
}

function pairSection(
  { both, onlyA, onlyB, neither, jaccard, rbo, examplesA, examplesB, ...pair }: PairComparison,
  parts: ViewParts,
): Markup {
  const { t } = parts;
  const [a, b] = [columnName(pair.a, t), columnName(pair.b, t)];
  const all = both + onlyA + onlyB + neither;
  const shares = [
    { name: t("both"), share: both / all, kind: "both" },
    { name: t("only {0}", a), share: onlyA / all, kind: "only-a" },
    { name: t("only {0}", b), share: onlyB / all, kind: "only-b" },
    { name: t("neither"), share: neither / all, kind: "neither" },
  ];
  const examples = (name: string, paths: readonly string[]) =>
    paths.length === 0
      ? null
      : html`<details><summary>${t("Only {0} is right: examples", name)}</summary><ul class="images">${paths.map((path) => html`<li>${parts.image(path)}</li>`)}</ul></details>`;
  return html`<div class="pair"><h4>${a} · ${b}</h4>${shareBar(shares)}
    <p>${shares.map(({ name, share, kind }) => html`<span class="key ${kind}">${name} ${percent(share)} %</span> `)}</p>
    <p class="quiet">${t("First ten results: Jaccard {0}, rank-biased overlap {1}", jaccard.toFixed(2), rbo.toFixed(2))}</p>
    ${examples(a, examplesA)}${examples(b, examplesB)}</div>`;
}

/** Recall@1 of classes by descriptor. */
export function classTable(classes: readonly ClassFigure[], { t }: ViewParts): Markup {
  const names = Object.keys(classes[0]?.recalls ?? {});
  const caption = t("Recall@1 by class, %");
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table>
    <caption>${caption}</caption>
    <thead><tr><th scope="col">${t("Class")}</th><th scope="col">${t("Queries")}</th>${names.map((name) => html`<th scope="col">${columnName(name, t)}</th>`)}</tr></thead>
    <tbody>${classes.map(
      ({ label, queries, recalls }) =>
        html`<tr><th scope="row">${label}</th><td class="number">${queries}</td>${names.map((name) => html`<td class="number">${percent(recalls[name]!)}</td>`)}</tr>`,
    )}</tbody>
  </table></div>`;
}

/** Large objects against small ones. */
export function sizeSection(
  { threshold, largeQueries, smallQueries, note, recalls, contrasts }: SizeComparison,
  { t }: ViewParts,
): Markup {
  const caption = t("Recall@1 by the size of the query's object, %");
  const interval = (low: readonly [number, number]) => `${percent(low[0])}–${percent(low[1])}`;
  return html`<section>
    <h3>${t("Large objects and small ones")}</h3>
    <p>${t("Parted at {0} % of the image: {1} queries with larger boxes, {2} with smaller ones.", percent(threshold), largeQueries, smallQueries)}</p>
    ${note === null ? null : html`<p class="note" role="note">${note}</p>`}
    <div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table>
      <caption>${caption}</caption>
      <thead><tr><th scope="col">${t("Descriptor")}</th><th scope="col">${t("Large")}</th><th scope="col">${t("Small")}</th></tr></thead>
      <tbody>${Object.entries(recalls).map(
        ([name, { large, small, intervals }]) =>
          html`<tr><th scope="row">${columnName(name, t)}</th><td>${percent(large)}<span class="quiet">${interval(intervals["large"]!)}</span></td><td>${percent(small)}<span class="quiet">${interval(intervals["small"]!)}</span></td></tr>`,
      )}</tbody>
    </table></div>
    ${contrasts.length === 0 ? null : contrastTable(contrasts, { t })}
  </section>`;
}

/** By how much one descriptor is ahead of another, among large objects and among small ones. */
function contrastTable(contrasts: readonly SizeContrast[], { t }: Pick<ViewParts, "t">): Markup {
  const caption = t("By how much one descriptor is ahead of the other, points of Recall@1");
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table>
      <caption>${caption}</caption>
      <thead><tr><th scope="col">${t("Descriptors")}</th><th scope="col">${t("Large")}</th><th scope="col">${t("Small")}</th><th scope="col">${t("Large − small, 95 % interval")}</th><th scope="col">${t("What it says")}</th></tr></thead>
      <tbody>${contrasts.map(({ large, small, difference, interval: [low, high], ...pair }) => {
        const [a, b] = [columnName(pair.a, t), columnName(pair.b, t)];
        const chance = low <= 0 && high >= 0;
        const [better, other] = difference > 0 ? [a, b] : [b, a];
        return html`<tr><th scope="row">${a} − ${b}</th><td class="number">${signed(large)}</td><td class="number">${signed(small)}</td><td class="number">${signed(difference)}<span class="quiet">${t("{0} to {1}", signed(low), signed(high))}</span></td><td>${chance ? t("may be chance") : t("{0} is for large objects, {1} for small ones", better, other)}</td></tr>`;
      })}</tbody>
    </table></div>
    <p class="quiet">${t("The paper (arXiv 1903.10663) holds that SPoC sees large regions and MAC local ones.")}</p>`;
}
