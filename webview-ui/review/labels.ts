import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { LabelContradiction, LabelsResult, SuspiciousLabel } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import type { Part } from "./duplicates.ts";

export interface LabelActions {
  chooseTable(): void;
  open(path: string): void;
  reveal(path: string): void;
  findSimilar(path: string): void;
}

/** The same picture under two labels, then images whose neighbours say another label, the surest first. */
export function renderLabels(
  result: LabelsResult,
  part: Part | null,
  finished: boolean,
  store: ThumbnailStore,
  actions: LabelActions,
): TemplateResult {
  if (result.problem !== undefined) return renderProblem(result.problem, actions);
  const { contradictions, unjudged, warnings, shown } = result;
  const name = (label: string) => (Object.hasOwn(shown, label) ? shown[label]! : label);
  const notes = [
    ...warnings,
    ...(unjudged > 0
      ? [t("Images of labels too small to be judged by their neighbours: {0}", unjudged.toLocaleString())]
      : []),
  ].map((warning) => html`<p class="quiet aside">${warning}</p>`);
  return html`${notes}
    ${contradictions.length === 0 ? nothing : renderContradictions(contradictions, name, store, actions)}
    ${finished || result.suspicious.length > 0 ? renderSuspicious(result, part, name, store, actions) : nothing}`;
}

/** Nothing went wrong: there are no labels yet. */
function renderProblem(problem: string, actions: LabelActions): TemplateResult {
  return html`<div class="empty">
    <p class="quiet" role="status">${problem}</p>
    <button class="primary" @click=${actions.chooseTable}>${t("A labels file...")}</button>
  </div>`;
}

type Name = (label: string) => string;

function renderContradictions(
  contradictions: readonly LabelContradiction[],
  name: Name,
  store: ThumbnailStore,
  actions: LabelActions,
): TemplateResult {
  return html`<section aria-label=${t("Contradictions")}>
    <p class="bar">${t("The same picture under different labels: {0}", contradictions.length.toLocaleString())}</p>
    <ul class="contradictions">
      ${contradictions.map(
        ({ paths, labels, why }) =>
          html`<li class="contradiction">
            <span class="quiet why">${why === "bytes" ? t("the same bytes") : t("the same picture")}</span>
            ${paths.map(
              (path, i) =>
                html`<span class="side" data-path=${path}>
                  <button class="show" title=${path} aria-label=${t("Open {0}", path)} @click=${() => actions.open(path)}>
                    <lookalike-thumbnail class="picture" .path=${path} .store=${store}></lookalike-thumbnail>
                  </button>
                  <b class="label">${paths.length === 1 ? labels.map(name).join(", ") : name(labels[i]!)}</b>
                  <span class="path quiet" title=${path}>${path}</span>
                  <button class="link" aria-label=${t("Reveal {0} in the Explorer", path)} @click=${() => actions.reveal(path)}>
                    ${t("Reveal")}
                  </button>
                </span>`,
            )}
          </li>`,
      )}
    </ul>
  </section>`;
}

/** What was found, in a sentence. */
function labelsVerdict({ suspicious, images, classes }: LabelsResult, part: Part | null): string {
  const [count, all] = [suspicious.length.toLocaleString(), images.toLocaleString()];
  if (suspicious.length === 0) {
    return part === null
      ? t("No label of {0} images is contradicted by its neighbours; there are {1} labels.", all, classes)
      : t(
          "No label in {0} is contradicted by its neighbours; looked for among the {1} images of {2}.",
          part.folder,
          all,
          part.whole,
        );
  }
  if (part !== null)
    return t("Images of {0} whose neighbours in {1} mostly carry another label: {2}", part.folder, part.whole, count);
  return suspicious.length === 1
    ? t("One of {0} images has neighbours that mostly carry another label.", all)
    : t("{0} of {1} images have neighbours that mostly carry another label.", count, all);
}

function renderSuspicious(
  result: LabelsResult,
  part: Part | null,
  name: Name,
  store: ThumbnailStore,
  actions: LabelActions,
): TemplateResult {
  const { suspicious } = result;
  const verdict = labelsVerdict(result, part);
  if (suspicious.length === 0) {
    return html`<p class="empty quiet">
      ${verdict}
    </p>`;
  }
  return html`<p class="bar">
      ${verdict}
    </p>
    <table>
      <thead>
        <tr>
          <th scope="col"><span class="unseen">${t("Picture")}</span></th>
          <th scope="col">${t("Image")}</th>
          <th scope="col">${t("Label")}</th>
          <th scope="col">${t("Neighbours say")}</th>
          <th scope="col" title=${t("Share of the descriptors whose neighbours agree, times the share of the votes")}>${t("Confidence")}</th>
          <th scope="col"><span class="unseen">${t("Actions")}</span></th>
        </tr>
      </thead>
      <tbody>
        ${repeat(
          suspicious,
          ({ path }) => path,
          (each) => renderRow(each),
        )}
      </tbody>
    </table>`;

  function renderRow({ path, label, suggested, votes, k, confidence }: SuspiciousLabel): TemplateResult {
    return html`<tr data-path=${path}>
      <td>
        <button class="show" title=${path} aria-label=${t("Open {0}", path)} @click=${() => actions.open(path)}>
          <lookalike-thumbnail class="picture" .path=${path} .store=${store}></lookalike-thumbnail>
        </button>
      </td>
      <th scope="row" class="path" title=${path}>${path}</th>
      <td title=${label}>${name(label)}</td>
      <td class="suggested" title=${suggested}><b>${name(suggested)}</b> <span class="quiet">${t("{0} of {1}", votes, k)}</span></td>
      <td class="confidence">
        <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true"><rect width=${confidence} height="1"></rect></svg>
        ${confidence.toFixed(2)}
      </td>
      <td class="row-actions">
        <button class="link" aria-label=${t("Reveal {0} in the Explorer", path)} @click=${() => actions.reveal(path)}>${t("Reveal")}</button>
        <button class="link" aria-label=${t("Find similar to {0}", path)} @click=${() => actions.findSimilar(path)}>${t("Find similar")}</button>
      </td>
    </tr>`;
  }
}
