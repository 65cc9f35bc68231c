import { html, nothing, type TemplateResult } from "lit";
import {
  COMBINED,
  cosineText,
  type DescriptorStyle,
  descriptorStyles,
  type ExampleHit,
  type RunProgress,
} from "../../src/shared/index.ts";
import { colourClass } from "../similar/card.ts";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import type { Series } from "./chart.ts";
import { duration, percent, short } from "./numbers.ts";

/** Branches of a run in the model's order, then combined. */
export function stylesOf({ baseline, evaluations }: RunProgress): Map<string, DescriptorStyle> {
  const recalls = baseline ?? evaluations[0]?.recalls ?? {};
  return descriptorStyles(Object.keys(recalls).filter((name) => name !== COMBINED));
}

export function renderCurves(run: RunProgress): TemplateResult {
  return html`<div class="curves">
    <lookalike-chart
      class="recall"
      .heading=${t("Recall@1 on held-out images")}
      .axis=${t("Epoch")}
      .series=${recallSeries(run)}
      .format=${percent}
    ></lookalike-chart>
    ${
      run.losses.length === 0
        ? nothing
        : html`<lookalike-chart
            class="loss"
            .heading=${t("Losses")}
            .axis=${t("Step")}
            .series=${lossSeries(run)}
            .format=${short}
            .fromZero=${true}
          ></lookalike-chart>`
    }
  </div>`;
}

function recallSeries(run: RunProgress): Series[] {
  return [...stylesOf(run)].map(([name, { label, letter, colour }]) => {
    const reference = run.baseline?.[name]?.["recall@1"];
    const points = run.evaluations.flatMap(({ epoch, recalls }) => {
      const y = recalls[name]?.["recall@1"];
      return y == null ? [] : [{ x: epoch, y }];
    });
    const className = `${colourClass(colour)}${name === COMBINED ? " strong" : ""}`;
    return { name: t(label), letter, className, points, ...(reference == null ? {} : { reference }) };
  });
}

function lossSeries({ losses }: RunProgress): Series[] {
  const series = (name: string, letter: string, className: string, of: (point: (typeof losses)[number]) => number) => {
    return { name, letter, className, points: losses.map((point) => ({ x: point.step, y: of(point) })) };
  };
  return [
    series(t("Sum"), "Σ", "loss-sum strong", ({ loss }) => loss),
    series(t("Ranking"), "R", "loss-ranking", ({ rankingLoss }) => rankingLoss),
    series(t("Classification"), "K", "loss-classification", ({ classificationLoss }) => classificationLoss),
  ];
}

/** A small row: speed, time left, how much there is still to learn. */
export function renderFigures(run: RunProgress): TemplateResult | typeof nothing {
  const { work, latest, evaluations, result } = run;
  const figures: [label: string, value: string, meaning: string][] = [];
  if (latest !== null)
    figures.push([t("Epoch"), (latest.epoch + 1).toLocaleString(), t("Passes over the training images")]);
  if (work !== null && work.imagesPerSecond > 0)
    figures.push([t("Images/s"), short(work.imagesPerSecond), t("Images in a second")]);
  if (work?.secondsLeft != null) figures.push([t("Time left"), duration(work.secondsLeft), t("Estimated")]);
  if (result !== null) figures.push([t("Time"), duration(result.seconds), t("Without pauses")]);
  if (latest !== null) {
    const meaning = t("Share of the batch that still breaks the margin; none left, nothing is learned from it");
    figures.push([t("Active triplets"), percent(latest.active), meaning]);
    const styles = descriptorStyles(Object.keys(latest.p));
    for (const [name, p] of Object.entries(latest.p)) {
      figures.push([t("{0} p", styles.get(name)!.label), p.toFixed(2), t("Mean exponent of the branch")]);
    }
  }
  const kept = evaluations.findLast((evaluation) => evaluation.best);
  if (kept?.validated === true)
    figures.push([
      t("Best epoch"),
      kept.epoch.toLocaleString(),
      t("Its model is kept: it finds most among training classes that got no gradient"),
    ]);
  else if (kept !== undefined && result !== null)
    figures.push([
      t("Epoch kept"),
      t("{0}, the last", kept.epoch.toLocaleString()),
      t("Too few classes to choose an epoch by"),
    ]);
  if (figures.length === 0) return nothing;
  return html`<dl class="figures">
    ${figures.map(([label, value, meaning]) => html`<div title=${meaning}><dt>${label}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

/** Where the work is done, and why not elsewhere. */
export function renderDevices({ devices }: RunProgress): TemplateResult | typeof nothing {
  if (devices.length === 0) return nothing;
  const texts = {
    embedding: (device: string) => t("Embedding on {0}", device),
    training: (device: string) => t("Training on {0}", device),
  };
  return html`<ul class="devices quiet">
    ${devices.map(({ work, used, reason }) => {
      const text = texts[work](used.toUpperCase());
      return html`<li data-work=${work} data-used=${used}>${reason === null ? text : t("{0}: {1}", text, reason)}</li>`;
    })}
  </ul>`;
}

/** Held-out queries with what was found first before and now. */
export function renderExamples(
  { examples, result }: RunProgress,
  store: ThumbnailStore,
  open: (path: string) => void,
): TemplateResult | typeof nothing {
  if (examples === null || examples.examples.length === 0) return nothing;
  const picture = (path: string, about: string, className: string) =>
    html`<button class="thumbnail ${className}" title=${about} aria-label=${about} @click=${() => open(path)}>
      <lookalike-thumbnail class="picture" .path=${path} .store=${store}></lookalike-thumbnail>
    </button>`;
  const row = (title: string, hits: readonly ExampleHit[]) =>
    html`<div class="hits">
      <span class="quiet when">${title}</span>
      ${hits.map(({ path, score, sameLabel }) => {
        const about = sameLabel
          ? t("{0}: same class, score {1}", path, cosineText(score))
          : t("{0}: another class, score {1}", path, cosineText(score));
        return html`<span class="hit">
          ${picture(path, about, sameLabel ? "same" : "other")}
          <span class="mark" aria-hidden="true">${sameLabel ? "✓" : ""}</span>
          <span class="hit-score">${cosineText(score)}</span>
        </span>`;
      })}
    </div>`;
  return html`<section class="examples" aria-label=${t("Examples")}>
    <h2>${t("Held-out images and what is found first")}</h2>
    ${examples.examples.map(
      ({ query, label, before, now }) =>
        html`<div class="example">
          <div class="example-query">
            ${picture(query, query, "")}
            <span class="quiet label" title=${label}>${label}</span>
          </div>
          <div class="lists-of">
            ${row(t("before"), before)} ${row(result === null ? t("now") : t("trained"), now)}
          </div>
        </div>`,
    )}
  </section>`;
}
