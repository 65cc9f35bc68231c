import { html, nothing, type TemplateResult } from "lit";
import type { IndexProgress, Notice, NoticeAction, SimilarState } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { LoadedThumbnail, ThumbnailStore } from "../thumbnailStore.ts";
import { timeLeft } from "./viewModel.ts";

export interface HeaderActions {
  act(action: NoticeAction): void;
  /** The query's picture is there, with the size of its image. */
  loaded(thumbnail: LoadedThumbnail): void;
  openQuery(): void;
}

/** The query, what is searched, what is under way and what went wrong. */
export function renderHeader(
  state: SimilarState,
  size: LoadedThumbnail | undefined,
  store: ThumbnailStore,
  actions: HeaderActions,
): TemplateResult {
  const { query, folder, device, progress, notice } = state;
  const place = query.inside ? `${folder.name}/${query.path}` : query.path;
  const context = { webviewSection: "image", path: query.path, preventDefaultContextMenuItems: true };
  return html`<header>
    <div class="query" data-vscode-context=${JSON.stringify(context)}>
      <button class="query-picture" aria-label=${t("Query image")} @click=${actions.openQuery}>
        <lookalike-thumbnail
          class="picture"
          .path=${query.path}
          .store=${store}
          @thumbnail-loaded=${(event: CustomEvent<LoadedThumbnail>) => actions.loaded(event.detail)}
        ></lookalike-thumbnail>
      </button>
      <div class="about">
        <h1 title=${query.path}>${query.name}</h1>
        <p class="quiet path" title=${place}>${place}</p>
        <p class="quiet">${size === undefined ? nothing : `${size.width} × ${size.height}`}</p>
      </div>
      <p class="quiet gallery">
        ${t("{0} images", folder.indexed.toLocaleString())}${device === null ? nothing : ` · ${device.toUpperCase()}`}
      </p>
    </div>
    ${state.comparison === null ? nothing : renderComparison(state.comparison.length, actions)}
    ${progress === null ? nothing : renderProgress(progress, folder.name, actions)}
    ${notice === null ? nothing : renderNotice(notice, actions)}
  </header>`;
}

function renderProgress(progress: IndexProgress, folder: string, actions: HeaderActions): TemplateResult {
  const { phase, done, total, skipped, imagesPerSecond, secondsLeft } = progress;
  const known = total > 0;
  const indexing = phase === "arranging" ? t("Arranging {0} for search", folder) : t("Indexing {0}", folder);
  const work = phase === "adapting" ? t("Adapting the model to {0}", folder) : indexing;
  const parts = known ? [work, t("{0} of {1}", done, total)] : [t("Looking for images")];
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

function renderComparison(models: number, actions: HeaderActions): TemplateResult {
  return html`<div class="comparison">
    <span class="text">${t("Comparing {0} models, each by its combined score", models)}</span>
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
    case "showLog":
      return t("Show log");
    case "retry":
      return t("Try again");
    case "cancelIndexing":
      return t("Cancel indexing");
    case "endComparison":
      return t("End comparison");
  }
}
