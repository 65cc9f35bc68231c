import { html, LitElement, nothing, type TemplateResult } from "lit";
import {
  COMBINED,
  call,
  cosineText,
  descriptorStyles,
  type FollowRequests,
  type FollowState,
  type RankedImage,
} from "../../src/shared/index.ts";
import type { HostLink, VsCodeApi } from "../rpc.ts";
import { t } from "../strings.ts";
import { ThumbnailStore } from "../thumbnailStore.ts";

/** Pixels; on a dense display each is drawn with up to two of the thumbnail's. */
const THUMBNAIL_SIZE = 192;

/** The nearest neighbours of the active image, best first, by combined or by one of the descriptors. */
export class FollowPage extends LitElement {
  static override properties = { state: { state: true }, column: { state: true } };
  declare state: FollowState | undefined;
  /** Name of the list that is shown. */
  declare column: string;

  #api!: VsCodeApi;
  #connection!: HostLink;
  readonly #thumbnails = new ThumbnailStore((path) => this.#ask("thumbnail", { path, size: THUMBNAIL_SIZE }));

  constructor() {
    super();
    this.column = COMBINED;
  }

  async connect(api: VsCodeApi, connection: HostLink): Promise<void> {
    this.#api = api;
    const kept = api.getState();
    if (typeof kept === "object" && kept !== null && "column" in kept) this.column = String(kept.column);
    this.#connection = connection;
    connection.onNotification("state", (state: FollowState) => {
      this.state = state;
    });
    connection.listen();
    this.state = await this.#ask("ready", {});
  }

  protected override createRenderRoot(): this {
    return this;
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.state === undefined) return nothing;
    const { image, lists, chance, problem, mayIndex, searching } = this.state;
    // Another model may lack what was chosen.
    const column = this.column in lists ? this.column : COMBINED;
    const ranked = lists[column] ?? [];
    const limit = chance?.[column] ?? Number.NEGATIVE_INFINITY;
    const close = ranked.filter(({ score }) => score > limit);
    const others = ranked.slice(close.length);
    const list = (images: readonly RankedImage[], label: string, far: boolean) =>
      html`<ul class="near ${far ? "far" : ""}" aria-label=${label} aria-busy=${searching}>
        ${images.map((each) => this.#item(each))}
      </ul>`;
    return html`${image === null ? nothing : this.#head(image.path, image.name)}
      ${ranked.length === 0 ? nothing : this.#switch(column)}
      ${
        problem === null
          ? nothing
          : html`<p class="problem quiet" role="status">${problem}</p>
              ${mayIndex ? html`<button class="primary" @click=${() => void this.#ask("indexFolder", {})}>${t("Index folder")}</button>` : nothing}`
      }
      ${list(close, t("Look-alikes"), false)}
      ${
        others.length === 0
          ? nothing
          : html`<p class="by-chance quiet">${t("Not more alike than random pairs of the folder, which score up to {0}:", limit.toFixed(2))}</p>
              ${list(others, t("By chance"), true)}`
      }`;
  }

  #head(path: string, name: string): TemplateResult {
    return html`<div class="head">
      <span class="name" title=${path}>${name}</span>
      <button class="link" @click=${() => void this.#ask("findSimilar", { path })}>${t("Compare descriptors")}</button>
    </div>`;
  }

  /** By what images are most alike: combined first, then the model's descriptors. */
  #switch(column: string): TemplateResult {
    const branches = Object.keys(this.state?.lists ?? {}).filter((name) => name !== COMBINED);
    const styles = descriptorStyles(branches);
    return html`<div class="by" role="group" aria-label=${t("Most alike by")}>
      ${[COMBINED, ...branches].map((name) => {
        const { label, letter } = styles.get(name)!;
        return html`<button
          aria-pressed=${name === column}
          data-column=${name}
          title=${t(label)}
          @click=${() => {
            this.column = name;
            this.#api.setState({ column: name });
          }}
        >
          ${name === column ? t(label) : letter}${name === column ? nothing : html`<span class="unseen"> ${t(label)}</span>`}
        </button>`;
      })}
    </div>`;
  }

  #item({ path, rank, score }: RankedImage): TemplateResult {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return html`<li>
      <button
        title=${path}
        data-path=${path}
        aria-label=${`${rank} ${name} ${cosineText(score)}`}
        @click=${() => void this.#ask("open", { path, mode: "preview" })}
        @dblclick=${() => void this.#ask("open", { path, mode: "keep" })}
      >
        <lookalike-thumbnail class="picture" .path=${path} .store=${this.#thumbnails}></lookalike-thumbnail>
        <span class="score">${cosineText(score)}</span>
      </button>
    </li>`;
  }

  #ask<M extends keyof FollowRequests>(
    method: M,
    params: FollowRequests[M]["params"],
  ): Promise<FollowRequests[M]["result"]> {
    return call<FollowRequests, M, never>(this.#connection, method, params);
  }
}

customElements.define("lookalike-follow", FollowPage);
