import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { Mark, SuggestedWeights } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import type { ActionsPage } from "./actionsPage.ts";
import { reasonOf } from "./weightReason.ts";

type Pair = Omit<Mark, "belongs">;

/** A short session: some thirty pairs of images, each answered with one key; the weights follow from the answers. */
class MarkSession extends LitElement {
  static override properties = {
    pairs: { state: true },
    answers: { state: true },
    found: { state: true },
    problem: { state: true },
  };
  declare pairs: readonly Pair[] | null;
  /** In the order of the pairs; null where nothing was said. */
  declare answers: readonly (boolean | null)[];
  declare found: SuggestedWeights | null;
  declare problem: string | null;
  declare page: Pick<ActionsPage, "ask" | "thumbnails">;

  constructor() {
    super();
    this.pairs = null;
    this.answers = [];
    this.found = null;
    this.problem = null;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  protected override firstUpdated(): void {
    this.querySelector("dialog")!.showModal();
    void this.#begin();
  }

  protected override updated(): void {
    if (this.#pair === undefined) this.querySelector<HTMLElement>(".mark-close")?.focus();
  }

  get #pair(): Pair | undefined {
    return this.pairs?.[this.answers.length];
  }

  async #begin(): Promise<void> {
    this.pairs = await this.page.ask("pairs", {}).catch(this.#fail);
    if (this.pairs?.length === 0) this.problem = t("There are too few images to ask about.");
  }

  readonly #fail = (error: unknown): null => {
    this.problem = error instanceof Error ? error.message : String(error);
    return null;
  };

  #answer(belongs: boolean | null): void {
    if (this.#pair === undefined) return;
    this.answers = [...this.answers, belongs];
    if (this.#pair === undefined) void this.#end();
  }

  /** Ends the session; what was answered so far counts. */
  async #end(): Promise<void> {
    const marks = this.answers.flatMap((belongs, i) => (belongs === null ? [] : [{ ...this.pairs![i]!, belongs }]));
    this.pairs = this.pairs!.slice(0, this.answers.length);
    if (marks.length === 0) return this.#close();
    this.found = await this.page.ask("mark", { marks }).catch(this.#fail);
  }

  #close(): void {
    this.querySelector("dialog")?.close();
  }

  #key(event: KeyboardEvent): void {
    // The keys of the lists are not meant.
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey || this.#pair === undefined) return;
    const key = event.key.toLowerCase();
    if (key === "y") this.#answer(true);
    else if (key === "n") this.#answer(false);
    else if (key === "s") this.#answer(null);
    else if (key === "backspace") this.answers = this.answers.slice(0, -1);
    else return;
    event.preventDefault();
  }

  protected override render(): TemplateResult {
    return html`<dialog
      class="marks"
      aria-label=${t("Marks")}
      @keydown=${this.#key}
      @close=${() => this.remove()}
    >
      <div class="enlarged-head">
        <h2>${t("Do they belong together?")}</h2>
        <button class="close mark-close" aria-label=${t("Close")} title=${t("Close")} @click=${() => this.#close()}>×</button>
      </div>
      ${this.problem !== null ? html`<p role="alert">${this.problem}</p>` : this.#body()}
    </dialog>`;
  }

  #body(): TemplateResult {
    const { pairs, found } = this;
    if (pairs === null) return html`<p role="status">${t("Looking for images to ask about")}</p>`;
    const pair = this.#pair;
    if (pair === undefined) {
      return html`<p class="mark-result" role="status">${found === null ? t("Choosing weights") : reasonOf(found).text}</p>`;
    }
    const at = this.answers.length;
    const store = this.page.thumbnails();
    return html`<div class="mark-pictures">${picture(pair.query, t("query"), store)}${picture(pair.image, t("result"), store)}</div>
      <p class="quiet" role="status">${t("{0} of {1}", at + 1, pairs.length)}</p>
      <div class="mark-answers">
        <button class="primary" @click=${() => this.#answer(true)}>${t("Belongs (Y)")}</button>
        <button class="secondary" @click=${() => this.#answer(false)}>${t("Does not (N)")}</button>
        <button class="secondary" @click=${() => this.#answer(null)}>${t("Cannot tell (S)")}</button>
        ${at === 0 ? nothing : html`<button class="link" @click=${() => void this.#end()}>${t("Enough")}</button>`}
      </div>`;
  }
}

function picture(path: string, label: string, store: ThumbnailStore): TemplateResult {
  return html`<figure>
    <lookalike-thumbnail .path=${path} .store=${store}></lookalike-thumbnail>
    <figcaption class="quiet" title=${path}>${label}: ${path}</figcaption>
  </figure>`;
}

customElements.define("lookalike-marks", MarkSession);

/** Opens a session over the page; it removes itself. */
export function startMarking(page: MarkSession["page"]): void {
  const session = document.createElement("lookalike-marks") as MarkSession;
  session.page = page;
  document.body.append(session);
}
