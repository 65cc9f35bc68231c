import { html, LitElement, nothing, type TemplateResult } from "lit";
import {
  type Box,
  type BranchExplanation,
  type BranchWeights,
  branchShares,
  cosineText,
  type DescriptorStyle,
  descriptorStyles,
  type ExampleImage,
  type ExplainResult,
  type PageRequests,
} from "../../src/shared/index.ts";
import { withAbout } from "../branchAbout.ts";
import { reasonOf } from "../rpc.ts";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import { colourClass } from "./card.ts";
import { renderEnlarged } from "./enlarged.ts";
import { renderHandle } from "./stripHeight.ts";
import { shortPath } from "./text.ts";

/** Wait for the end of a walk through the results, or of a drag. Milliseconds. */
const AFTER_CHANGE = 120;

/** How the strip shows its maps. */
export interface WhyOptions {
  /** Maps over the pictures, or beside them. */
  readonly overlay: boolean;
  /** Of the strip, in pixels; null: as high as its maps, up to half of the page. */
  readonly height: number | null;
  /** Of maps over pictures, 0..1. */
  readonly strength: number;
}

export interface WhyActions {
  explain(params: PageRequests["explain"]["params"]): Promise<ExplainResult>;
  show(options: WhyOptions): void;
  close(): void;
}

/** Which regions of the query and of a result make their score, for each descriptor. */
export class Why extends LitElement {
  static override properties = {
    example: { attribute: false },
    box: { attribute: false },
    result: {},
    branches: { attribute: false },
    weights: { attribute: false },
    options: { attribute: false },
    explanation: { state: true },
    failure: { state: true },
    pointed: { state: true },
    enlarged: { state: true },
  };
  declare example: ExampleImage;
  declare box: Box | null;
  declare result: string;
  /** Of the model, in its order. */
  declare branches: readonly string[];
  declare weights: BranchWeights;
  declare options: WhyOptions;
  declare store: ThumbnailStore;
  declare actions: WhyActions;
  declare explanation: ExplainResult | undefined;
  declare failure: string | undefined;
  /** What is pointed at: a position of one of the two maps of a branch. */
  declare pointed: { readonly branch: string; readonly side: "query" | "result"; readonly cell: number } | null;

  /** Name of the branch that is shown large. */
  declare enlarged: string | null;
  #timer: number | undefined;
  /** The focus is meant for the first map, once it is there. */
  #focusMaps = false;
  #asked = 0;

  constructor() {
    super();
    this.pointed = null;
    this.enlarged = null;
  }

  /** Gives the focus to the first map, or to the strip until there is one. */
  focusFirst(): void {
    const map = this.querySelector<HTMLElement>("lookalike-heat .canvas");
    (map ?? this.querySelector<HTMLElement>(".why"))?.focus();
    this.#focusMaps = map === null;
  }

  /** Whether the focus is where `focusFirst` puts it: there the way back leads out. */
  isFirst(target: EventTarget): boolean {
    return target === this.querySelector("lookalike-heat .canvas") || target === this.querySelector(".why");
  }

  protected override createRenderRoot(): this {
    return this;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!["example", "box", "result"].some((name) => changed.has(name))) return;
    const key = JSON.stringify([this.example.path, this.box, this.result]);
    if (key === this.dataset["key"]) return;
    this.dataset["key"] = key;
    if (changed.has("result")) this.explanation = undefined;
    this.failure = undefined;
    this.pointed = null;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), AFTER_CHANGE);
  }

  protected override updated(): void {
    this.querySelector<HTMLDialogElement>("dialog:not([open])")?.showModal();
    const { height } = this.options;
    this.style.height = height === null ? "" : `${height}px`;
    this.classList.toggle("sized", height !== null);
    if (!this.#focusMaps || this.explanation === undefined) return;
    this.#focusMaps = false;
    // Only where nobody moved on meanwhile.
    if (document.activeElement !== this.querySelector(".why")) return;
    requestAnimationFrame(() => this.querySelector<HTMLElement>("lookalike-heat .canvas")?.focus());
  }

  async #ask(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const { path } = this.example;
      const explanation = await this.actions.explain({ example: path, box: this.box, result: this.result });
      if (asked === this.#asked) this.explanation = explanation;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.explanation = undefined;
      this.failure = reasonOf(error);
    }
  }

  protected override render(): TemplateResult {
    return html`${renderHandle(this, (height) => this.actions.show({ ...this.options, height }))}
      <section class="why" tabindex="-1" aria-label=${t("Why similar")} aria-busy=${this.explanation === undefined && this.failure === undefined}>
      <div class="why-head">
        <h2 title=${`${this.example.path} ↔ ${this.result}`}>${t("Why similar: {0} and {1}", shortPath(this.example.path), shortPath(this.result))}</h2>
        ${this.#equation()}
        <span class="why-tools">
          <label
            ><input
              type="checkbox"
              .checked=${this.options.overlay}
              @change=${() => this.actions.show({ ...this.options, overlay: !this.options.overlay })}
            />
            ${t("over the pictures")}</label
          >
          <label
            ><span class="quiet">${t("strength")}</span>
            <input
              type="range"
              min="0"
              max="1"
              step="0.05"
              aria-label=${t("Strength of the maps")} title=${t("Strength of the maps")}
              ?disabled=${!this.options.overlay}
              .value=${String(this.options.strength)}
              @input=${(event: Event) =>
                this.actions.show({ ...this.options, strength: Number((event.target as HTMLInputElement).value) })}
          /></label>
          <button class="close" aria-label=${t("Close")} title=${t("Close")} @click=${() => this.actions.close()}>×</button>
        </span>
      </div>
      ${this.#body()}
    </section>`;
  }

  /** The combined score as the sum of what each branch gives. */
  #equation(): TemplateResult | typeof nothing {
    const branches = this.explanation?.branches ?? [];
    const names = this.#branches;
    if (branches.length === 0 || branches.length < names.length) return nothing;
    const styles = descriptorStyles(names);
    const shares = branchShares(names, this.weights);
    const parts = branches.map(({ name, score }) => ({ style: styles.get(name)!, part: (shares[name] ?? 0) * score }));
    const sum = parts.reduce((total, { part }) => total + part, 0);
    return html`<span class="equation" title=${t("Each descriptor's cosine times its share of the weights; together they are the combined score.")}
      >${parts.map(
        ({ style, part }, i) =>
          html`${i === 0 ? nothing : " + "}<span class=${colourClass(style.colour)}><span class="letter">${style.letter}</span></span> ${cosineText(part, 3)}`,
      )}
      = <b>${cosineText(sum, 3)}</b></span
    >`;
  }

  /** Of the lists, and those that the model of the result's own folder has beyond them. */
  get #branches(): readonly string[] {
    const { branches = [], unexplained = [] } = this.explanation ?? {};
    return [...new Set([...this.branches, ...[...branches, ...unexplained].map(({ name }) => name)])];
  }

  #body(): TemplateResult {
    const { explanation, failure } = this;
    if (failure !== undefined) return html`<p class="why-problem" role="alert">${failure}</p>`;
    if (explanation === undefined) {
      return html`<div class="why-maps">${this.branches.map(() => html`<figure><div class="pair skeleton"></div></figure>`)}</div>`;
    }
    const styles = descriptorStyles(this.#branches);
    return html`${explanation.problem === null ? nothing : html`<p class="why-problem">${explanation.problem}</p>`}
      <div class="why-maps">
        ${
          this.options.overlay
            ? nothing
            : html`<figure>
                <figcaption>${t("query and result")}</figcaption>
                <div class="pair">${this.#plain(this.example.path, this.#part("query"))} ${this.#plain(this.result, this.#part("result"))}</div>
              </figure>`
        }
        ${explanation.branches.map((branch) => this.#branch(branch, styles.get(branch.name)!))}
      </div>
      ${this.#large(explanation, styles)}
      ${explanation.unexplained.map(({ name, reason }) => html`<p class="why-problem">${styles.get(name)?.label ?? name}: ${reason}</p>`)}`;
  }

  /** What the maps of a side cover. */
  #part(side: "query" | "result"): Box | null {
    return this.explanation?.seen?.[side] ?? (side === "query" ? this.box : null);
  }

  #large({ branches }: ExplainResult, styles: ReadonlyMap<string, DescriptorStyle>): TemplateResult | typeof nothing {
    const branch = branches.find(({ name }) => name === this.enlarged);
    if (branch === undefined) return nothing;
    const style = styles.get(branch.name)!;
    const query = { path: this.example.path, box: this.#part("query") };
    const shown = { branch, style, query, result: { path: this.result, box: this.#part("result") } };
    return renderEnlarged(shown, this.store, () => {
      const { enlarged } = this;
      this.enlarged = null;
      this.querySelector<HTMLElement>(`figure[data-branch="${CSS.escape(enlarged ?? "")}"] .enlarge`)?.focus();
    });
  }

  #plain(path: string, box: Box | null): TemplateResult {
    return html`<lookalike-heat
      .path=${path}
      .box=${box}
      .store=${this.store}
      .label=${path}
      .pointed=${() => {}}
    ></lookalike-heat>`;
  }

  #branch(branch: BranchExplanation, style: DescriptorStyle): TemplateResult {
    const { name, score, exact, query, result, matches } = branch;
    const sum = (map: Float32Array) => map.reduce((total, part) => total + part, 0);
    const about = exact
      ? t("Exact: with the other image held fixed, there is no other way to divide this score among the regions.")
      : t("Natural, not the only one: each region gets the share that it has in the sum of powers.");
    const sums = t(
      "Query: map {0} + constant {1} = {2}. Result: map {3} + constant {4} = {5}.",
      ...[query, result].flatMap(({ map, constant }) => [
        sum(map).toFixed(3),
        constant.toFixed(3),
        (sum(map) + constant).toFixed(3),
      ]),
    );
    const pointed = this.pointed?.branch === name ? this.pointed : null;
    const at = (side: "query" | "result"): number | null => {
      if (pointed === null || pointed.side === side) return pointed?.cell ?? null;
      return (side === "result" ? matches.toResult : matches.toQuery)[pointed.cell] ?? null;
    };
    const heat = (side: "query" | "result", path: string, box: Box | null) => html`<lookalike-heat
      .path=${path}
      .box=${box}
      .store=${this.store}
      .attribution=${branch[side]}
      .bare=${!this.options.overlay}
      .strength=${this.options.strength}
      .marked=${at(side)}
      .label=${side === "query" ? t("{0}: regions of the query that make the score. Arrows point at a region.", style.label) : t("{0}: regions of the result that make the score. Arrows point at a region.", style.label)}
      .pointed=${(cell: number | null) => {
        this.pointed = cell === null ? null : { branch: name, side, cell };
      }}
    ></lookalike-heat>`;
    return html`<figure data-branch=${name} class=${colourClass(style.colour)}>
      <figcaption title=${withAbout(`${about}\n${sums}`, name)}>
        <span class="letter">${style.letter}</span> <span class="name">${style.label}</span> <b>${cosineText(score, 3)}</b>
        <span class="quiet">${exact ? t("exact") : t("natural")}</span>
        <button class="enlarge" title=${t("Enlarge")} aria-label=${t("Enlarge {0}", style.label)} @click=${() => {
          this.enlarged = name;
        }}>⤢</button>
      </figcaption>
      <div
        class="pair"
        @click=${() => {
          this.enlarged = name;
        }}
      >
        ${heat("query", this.example.path, this.#part("query"))} ${heat("result", this.result, this.#part("result"))}
      </div>
    </figure>`;
  }
}

customElements.define("lookalike-why", Why);
