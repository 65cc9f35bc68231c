import { html, nothing, type TemplateResult } from "lit";
import type {
  ExampleImage,
  IndexProgress,
  Notice,
  NoticeAction,
  PageQuery,
  PanelState,
  SimilarState,
} from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { LoadedThumbnail, ThumbnailStore } from "../thumbnailStore.ts";
import { type BasketActions, renderBasket } from "./basket.ts";
import { isOld, renderOrigin, renderScope } from "./searched.ts";
import { timeLeft } from "./text.ts";
import { renderTools, type ToolActions } from "./tools.ts";
import { renderWeights, type WeightActions } from "./weightSliders.ts";
import { renderWords, type WordActions } from "./words.ts";

export interface HeaderActions extends ToolActions, BasketActions, WordActions, WeightActions {
  act(action: NoticeAction): void;
  /** The picture of the example that is looked at is there, with the size of its image. */
  loaded(thumbnail: LoadedThumbnail): void;
  open(path: string): void;
  box(box: PageQuery["examples"][number]["box"]): void;
  /** One folder, or all of the window. */
  scope(across: boolean): void;
}

export interface HeaderView {
  readonly state: SimilarState;
  readonly panel: PanelState;
  /** As the page will ask it, which may be ahead of the state. */
  readonly query: PageQuery;
  /** Number of the example in the large picture. */
  readonly looked: number;
  readonly size: LoadedThumbnail | undefined;
  /** Number in `SIZES`. */
  readonly pictureSize: number;
  /** One list over the whole width. */
  readonly grid: boolean;
  /** The weights stand elsewhere: there is little room. */
  readonly narrow: boolean;
  /** That the combined list is made of. */
  readonly branches: readonly string[];
  /** How many of its list each of the compared models has with the query's label; null where that cannot be said. */
  readonly verdict: string | null;
}

/** The query, what is searched, what is under way and what went wrong. */
export function renderHeader(view: HeaderView, store: ThumbnailStore, actions: HeaderActions): TemplateResult {
  const { state, panel, query, looked, branches, narrow, verdict } = view;
  const { folder, progress, notice, comparison, across } = state;
  const example = state.examples[looked] ?? state.examples[0];
  const { texts = [] } = query;
  const context = { webviewSection: "image", path: example?.path ?? "", preventDefaultContextMenuItems: true };
  return html`<header>
    <div class="query" data-vscode-context=${example === undefined ? nothing : JSON.stringify(context)}>
      ${
        example === undefined
          ? nothing
          : html`<lookalike-query-picture
              .path=${example.path}
              .box=${query.examples[looked]?.box ?? null}
              .store=${store}
              .loaded=${actions.loaded}
              .changed=${actions.box}
            ></lookalike-query-picture>`
      }
      <div class="about">
        ${example === undefined ? html`<h1>${state.query.name}</h1>` : renderExample(example, view, actions)}
        ${renderBasket(state.examples, texts, looked, store, actions)}
        ${comparison !== null || (state.takesWords !== true && texts.length === 0) ? nothing : renderWords(texts, state, actions)}
      </div>
      ${narrow || branches.length < 2 || comparison !== null || texts.length > 0 ? nothing : renderWeights(branches, query.weights, state, actions)}
      <div class="corner-tools">
        ${renderTools(panel, view.pictureSize, view.grid, actions)}
        ${panel.severalFolders && comparison === null ? renderScope(folder.name, query.across, actions.scope) : nothing}
        <p class="quiet gallery">
          ${galleryText(state)}${renderUnmet(state)}
        </p>
      </div>
    </div>
    ${example !== undefined && panel.gone?.includes(example.path) ? html`<p class="gone" role="status">${state.result === null ? t("This file is gone.") : t("This file is gone. The results are those of before.")}</p>` : nothing}
    ${comparison === null ? nothing : renderComparison(comparison.length, verdict, actions)}
    ${progress === null || (progress.phase === "scanning" && branches.length > 0) ? nothing : renderProgress(progress, across?.indexing ?? folder.name, actions)}
    ${renderOrigin(state, () => actions.act("indexFolder"))}
    ${notice === null ? nothing : renderNotice(notice, actions)}
  </header>`;
}

function renderExample(
  { path, name, inside }: ExampleImage,
  { state: { across, folder }, size }: HeaderView,
  actions: HeaderActions,
): TemplateResult {
  const place = inside && across === null ? `${folder.name}/${path}` : path;
  return html`<h1 title=${path}>
      <button class="link" title=${t("Open the image")} @click=${() => actions.open(path)}>${name}</button>
    </h1>
    <p class="quiet path" title=${place}>${place}</p>
    <p class="quiet pixels">${size === undefined ? nothing : `${size.width} × ${size.height}`}</p>`;
}

/** What is searched, by which model, where. Of an index that holds nothing yet, or not yet what is shown, no number is told. */
function galleryText(state: SimilarState): string {
  const { folder, device, result } = state;
  const { indexed } = folder;
  const images = indexed === 1 ? t("1 image") : t("{0} images", indexed.toLocaleString());
  const another = isOld(state) || (indexed === 0 && result !== null);
  const parts = [another ? null : images, result?.model.name ?? null, device?.toUpperCase() ?? null];
  return parts.filter((part) => part !== null && part !== "").join(" · ");
}

/** A mark behind the device, where another one was asked for. */
function renderUnmet({ unmet }: SimilarState): TemplateResult | typeof nothing {
  if (unmet === null) return nothing;
  const text = t("{0} was asked for, but cannot be used: {1}", unmet.asked.toUpperCase(), unmet.reason);
  return html` <span class="unmet" role="img" tabindex="0" aria-label=${text} title=${text}>⚠</span>`;
}

function renderProgress(progress: IndexProgress, folder: string, actions: HeaderActions): TemplateResult {
  const { phase, done, total, skipped, imagesPerSecond, secondsLeft } = progress;
  const known = total > 0;
  const indexing = phase === "arranging" ? t("Arranging {0} for search", folder) : t("Indexing {0}", folder);
  const work = phase === "adapting" ? t("Adapting the model to {0}", folder) : indexing;
  const parts = known
    ? [work, t("{0} of {1}", done.toLocaleString(), total.toLocaleString())]
    : [t("Looking for images")];
  if (imagesPerSecond > 0) parts.push(t("{0} images/s", Math.round(imagesPerSecond)));
  if (secondsLeft !== null) {
    const { text, value } = timeLeft(secondsLeft);
    parts.push(t(text, value));
  }
  if (skipped > 0) parts.push(t("{0} skipped", skipped));
  return html`<div class="progress">
    <progress aria-label=${work} max=${known ? total : nothing} value=${known ? done : nothing}></progress>
    <span class="text">${parts.join(" · ")}</span>
    <button class="link" aria-label=${t("Cancel indexing")} @click=${() => actions.act("cancelIndexing")}>
      ${t("Cancel")}
    </button>
  </div>`;
}

/** @param verdict as in `HeaderView` */
function renderComparison(models: number, verdict: string | null, actions: HeaderActions): TemplateResult {
  return html`<div class="comparison">
    <span class="text">${t("Comparing {0} models, each by its combined score", models)}</span>
    ${verdict === null ? nothing : html`<span class="verdict quiet">${t("With this query's label: {0}", verdict)}</span>`}
    <button class="link" title=${t("Of all images with a label, not of this query alone")} @click=${() => actions.act("evaluate")}>${actionLabel("evaluate")}</button>
    <button class="link" @click=${() => actions.act("endComparison")}>${actionLabel("endComparison")}</button>
  </div>`;
}

function renderNotice({ kind, text, actions: offered }: Notice, actions: HeaderActions): TemplateResult {
  return html`<div class="notice ${kind}" role=${kind === "error" ? "alert" : "status"}>
    <span class="text">${text}</span>
    ${offered.map(
      (action, i) =>
        html`<button class=${i === 0 ? "primary" : "secondary"} @click=${() => actions.act(action)}>
          ${actionLabel(action)}
        </button>`,
    )}
  </div>`;
}

function actionLabel(action: NoticeAction): string {
  switch (action) {
    case "indexFolder":
      return t("Index folder");
    case "manageTrust":
      return t("Manage workspace trust");
    case "showLog":
      return t("Show log");
    case "enterPassword":
      return t("Enter password...");
    case "retry":
      return t("Try again");
    case "cancelIndexing":
      return t("Cancel indexing");
    case "endComparison":
      return t("End comparison");
    case "evaluate":
      return t("Evaluate retrieval");
  }
}
