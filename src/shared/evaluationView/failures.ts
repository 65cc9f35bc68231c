import type { EvaluationReport, Failures } from "../evaluation.ts";
import { histogramChart } from "./charts.ts";
import { columnName, html, type Markup, type ViewParts } from "./html.ts";

/** Where a descriptor fails; every row opens its images. */
export function failureSection(failures: readonly Failures[], parts: ViewParts): Markup {
  const { t } = parts;
  // Combined is what is used most.
  const ordered = failures.toReversed();
  return html`<section>
    <h3>${t("Where it fails")}</h3>
    ${ordered.map((each, i) => html`<details${i === 0 ? html` open` : null}><summary>${t("{0}: {1} queries have a wrong first result", columnName(each.descriptor, t), each.wrong)}</summary>${failureOf(each, parts)}</details>`)}
  </section>`;
}

function failureOf({ descriptor, worst, confused, hubs, neverFound, histogram }: Failures, parts: ViewParts): Markup {
  const { t, image } = parts;
  return html`${histogramChart(histogram.same, histogram.other, columnName(descriptor, t), t)}
    ${table(
      t("Nearest wrong images, by how much they are ahead of the best right one"),
      [t("Query"), t("Found first"), t("Best right one"), t("Ahead by")],
      worst.map(({ query, label, wrong, wrongLabel, right, margin }) => [
        html`${image(query)} <span class="quiet">${label}</span>`,
        html`${image(wrong)} <span class="quiet">${wrongLabel}</span>`,
        image(right),
        html`${margin.toFixed(3)}`,
      ]),
    )}
    ${table(
      t("Classes that are taken for each other"),
      [t("Class"), t("Taken for"), t("Queries"), t("Example")],
      confused.map(({ label, as, count, example }) => [html`${label}`, html`${as}`, html`${count}`, image(example)]),
    )}
    ${table(
      t("Images among the first ten of the most queries"),
      [t("Image"), t("Queries")],
      hubs.map(({ path, count }) => [image(path), html`${count}`]),
    )}
    ${
      neverFound.count === 0
        ? null
        : html`<details><summary>${t("{0} images are among the first ten of no query", neverFound.count)}</summary><ul class="images">${neverFound.first.map((path) => html`<li>${image(path)}</li>`)}</ul></details>`
    }`;
}

/** Copies, and those whose labels contradict each other. */
export function copySection({ copies, contradictions }: EvaluationReport, { t, image }: ViewParts): Markup | null {
  if (copies.groups === 0) return null;
  return html`<section>
    <h2>${t("Copies")}</h2>
    <p>${
      copies.groups === 1
        ? t(
            "{0} images are the same picture. A query that finds its own copy says little of a descriptor.",
            copies.images,
          )
        : t(
            "{0} images in {1} groups are the same picture. A query that finds its own copy says little of a descriptor.",
            copies.images,
            copies.groups,
          )
    }</p>
    <details><summary>${t("Groups")}</summary><ul>${copies.first.map((paths) => html`<li>${paths.map((path) => html`${image(path)} `)}</li>`)}</ul></details>
    ${table(
      t("Copies with different labels"),
      [t("Image"), t("Label"), t("Copy"), t("Label")],
      contradictions.map(({ path, label, copy, copyLabel }) => [
        image(path),
        html`${label}`,
        image(copy),
        html`${copyLabel}`,
      ]),
    )}
  </section>`;
}

function table(caption: string, head: readonly string[], rows: readonly (readonly Markup[])[]): Markup | null {
  if (rows.length === 0) return null;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table>
    <caption>${caption}</caption>
    <thead><tr>${head.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
    <tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}
