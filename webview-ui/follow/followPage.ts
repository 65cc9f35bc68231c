import { html, LitElement, nothing, type TemplateResult } from "lit";
import { call, type FollowRequests, type FollowState, type RankedImage } from "../../src/shared/index.ts";
import type { HostLink } from "../rpc.ts";
import { t } from "../strings.ts";
import { ThumbnailStore } from "../thumbnailStore.ts";

/** Pixels; on a dense display each is drawn with up to two of the thumbnail's. */
const THUMBNAIL_SIZE = 192;

/** The nearest neighbours of the active image, best first. */
export class FollowPage extends LitElement {
  static override properties = { state: { state: true } };
  declare state: FollowState | undefined;

  #connection!: HostLink;
  readonly #thumbnails = new ThumbnailStore((path) => this.#ask("thumbnail", { path, size: THUMBNAIL_SIZE }));

  async connect(connection: HostLink): Promise<void> {
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
    const { image, ranked, problem, mayIndex, searching } = this.state;
    return html`${image === null ? nothing : this.#head(image.path, image.name)}
      ${
        problem === null
          ? nothing
          : html`<p class="problem quiet" role="status">${problem}</p>
              ${mayIndex ? html`<button class="primary" @click=${() => void this.#ask("indexFolder", {})}>${t("Index folder")}</button>` : nothing}`
      }
      <ul class="near" aria-label=${t("Look-alikes")} aria-busy=${searching}>
        ${ranked.map((each) => this.#item(each))}
      </ul>`;
  }

  #head(path: string, name: string): TemplateResult {
    return html`<div class="head">
      <span class="name" title=${path}>${name}</span>
      <button class="link" @click=${() => void this.#ask("findSimilar", { path })}>${t("Compare descriptors")}</button>
    </div>`;
  }

  #item({ path, rank, score }: RankedImage): TemplateResult {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return html`<li>
      <button
        title=${path}
        data-path=${path}
        aria-label=${`${rank} ${name} ${score.toFixed(2)}`}
        @click=${() => void this.#ask("open", { path, mode: "preview" })}
        @dblclick=${() => void this.#ask("open", { path, mode: "keep" })}
      >
        <lookalike-thumbnail class="picture" .path=${path} .store=${this.#thumbnails}></lookalike-thumbnail>
        <span class="score">${score.toFixed(2)}</span>
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
