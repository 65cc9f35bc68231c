import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { DescriptorStyle, MapQuality, ProjectionLayout } from "../../src/shared/index.ts";
import { aboutBranch } from "../branchAbout.ts";
import type { Rings } from "../plot/overlay.ts";
import type { PaintedPoints } from "../plot/painter.ts";
import { nearestTo } from "../plot/picking.ts";
import type { PlotEvents, Seen } from "../plot/plotTypes.ts";
import { PointPlot } from "../plot/pointPlot.ts";
import { MARK } from "../plot/renderer.ts";
import type { Place } from "../plot/view.ts";
import { colourClass } from "../similar/card.ts";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import { namesOnMap } from "./classNames.ts";
import type { Category } from "./colours.ts";
import { Pictures } from "./pictures.ts";
import { plotTheme } from "./theme.ts";

/** From so many images on the quality of a map is measured. */
const MEASURED = 45;
/** Time in which points move from one descriptor's map to another's. Milliseconds. */
const MORPH = 1500;

/** What a user does in a map. */
export interface MapEvents extends Omit<PlotEvents, "settled"> {
  /** The view rests. @param part in view; null where that is all of the map */
  seen(part: Seen["part"]): void;
  /** The map is to be the only one, or one of all again. */
  enlarge(): void;
}

/** What the parts of a map are called. */
export interface Named {
  readonly categories: readonly Category[];
  /** int32 `[count]` */
  readonly codes: Int32Array;
  readonly lit: number | undefined;
}

/** A point that is lit up in every map. */
export interface Linked {
  readonly row: number;
  /** The nearest in this map's descriptor space. */
  readonly near: readonly number[];
}

/** The map of one descriptor: its title, and the plot under it. */
export class MapView extends LitElement {
  static override properties = {
    descriptor: {},
    descriptorStyle: { attribute: false },
    number: { type: Number },
    count: { type: Number },
    layout: { attribute: false },
    quality: { attribute: false },
    colours: { attribute: false },
    marks: { attribute: false },
    linked: { attribute: false },
    current: { attribute: false },
    rings: { attribute: false },
    morphing: {},
    pictures: { attribute: false },
    themed: { type: Number },
    named: { attribute: false },
    events: { attribute: false },
  };
  declare descriptor: string;
  declare descriptorStyle: DescriptorStyle;
  /** Its key on the keyboard. */
  declare number: number;
  /** Images in the map. */
  declare count: number;
  declare layout: ProjectionLayout | undefined;
  declare quality: MapQuality | undefined;
  declare colours: Uint8Array;
  declare marks: Uint8Array;
  declare linked: Linked | undefined;
  declare current: number | undefined;
  /** What other parts of the window show. */
  declare rings: Rings;
  /** What the descriptor is called whose points are shown instead of its own; empty where they are its own. */
  declare morphing: string;
  /** Paths and thumbnails for what is drawn as pictures; null where everything is a point. */
  declare pictures: { readonly paths: readonly string[]; readonly store: ThumbnailStore } | null;
  /** The categories whose names stand in the map, and the one that is lit up; null where none are shown. */
  declare named: Named | null;
  /** Counts the changes of the theme. */
  declare themed: number;
  declare events: MapEvents;
  #plot: PointPlot | undefined;
  readonly #pictures = new Pictures((pictures) => this.#plot?.setPictures(pictures));
  #settled: readonly number[] = [];

  /** The points as they are drawn, for a picture of them. */
  get drawn(): PaintedPoints | undefined {
    return this.#plot === undefined
      ? undefined
      : { ...this.#plot.drawn, palette: plotTheme(this.descriptorStyle).palette };
  }

  /** Where a point is, in CSS pixels of the page; undefined where it has no place yet. */
  positionOf(row: number): Place | undefined {
    const place = this.#plot?.positionOf(row);
    if (place === undefined) return undefined;
    const { left, top } = this.#host.getBoundingClientRect();
    return { x: left + place.x, y: top + place.y };
  }

  /** The images whose points lie nearest to one, itself the first. */
  around(row: number, count: number): number[] {
    if (this.layout === undefined) return [];
    return nearestTo(this.layout.points, row, count, (other) => this.marks[other] !== MARK.out);
  }

  towards(row: number | undefined, direction: Place): number | undefined {
    return this.#plot?.towards(row, direction);
  }

  fit(): void {
    this.#plot?.fit();
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#plot?.dispose();
    this.#plot = undefined;
  }

  protected override updated(changed: PropertyValues<MapView>): void {
    const fresh = this.#plot === undefined;
    this.#plot ??= new PointPlot(this.#host, {
      hover: (row) => this.events.hover(row),
      pick: (row, more) => this.events.pick(row, more),
      open: (row) => this.events.open(row),
      lasso: (rows, more) => this.events.lasso(rows, more),
      menu: (row) => this.events.menu(row),
      settled: ({ pictured, part }) => {
        this.#settled = pictured;
        this.#showPictures();
        this.events.seen(part);
      },
    });
    const plot = this.#plot;
    const is = (name: keyof MapView) => fresh || changed.has(name);
    this.dataset["drawnBy"] = plot.kind;
    if (is("themed") || is("descriptorStyle")) plot.setTheme(plotTheme(this.descriptorStyle));
    if (is("colours")) plot.setColours(this.colours);
    if (is("marks")) plot.setMarks(this.marks);
    // A move that is to be looked at takes its time.
    const duration = changed.has("morphing") ? MORPH : undefined;
    if (is("layout")) plot.setPoints(this.layout?.points ?? new Float32Array(), duration);
    if (is("named") || is("layout")) this.#showNames(plot);
    if (is("rings")) plot.setRings(this.rings);
    if (changed.has("pictures")) this.#showPictures();
    if (is("linked")) plot.setLinked(this.linked?.row, this.linked?.near ?? []);
    if (is("current")) plot.setCurrent(this.current);
  }

  /** Only in a map that stays as it is: names that jump cannot be read. */
  #showNames(plot: PointPlot): void {
    const { layout, named } = this;
    const stays = layout !== undefined && layout.method === "umap" && layout.done === 1;
    const shown = named === null || !stays || layout.points.length !== 2 * named.codes.length;
    plot.setNames(shown ? [] : namesOnMap(named.categories, named.codes, layout.points, named.lit));
  }

  #showPictures(): void {
    const { paths, store } = this.pictures ?? { paths: [], store: undefined };
    const rows = store === undefined ? [] : this.#settled.filter((row) => row < paths.length);
    this.#pictures.show(new Map(rows.map((row) => [row, paths[row]!])), store);
  }

  get #host(): HTMLElement {
    return this.querySelector<HTMLElement>(".plot")!;
  }

  protected override render(): TemplateResult {
    const { label, letter, colour } = this.descriptorStyle;
    return html`<h2 class=${colourClass(colour)} title=${aboutBranch(this.descriptor) ?? nothing}>
        <span class="letter">${letter}</span> <span class="title">${t(label)}</span>
        ${this.morphing === "" ? nothing : html`<span class="morphing">${t("with the places of {0}", this.morphing)}</span>`}
        ${this.#quality()}
        <button
          class="enlarge quiet"
          title=${t("Press {0} to enlarge this map, and again to see all", this.number)}
          aria-label=${t("Press {0} to enlarge this map, and again to see all", this.number)}
          @click=${() => this.events.enlarge()}
        >
          ${this.number}
        </button>
      </h2>
      <div
        class="plot"
        tabindex="0"
        role="application"
        aria-roledescription=${t("Map")}
        aria-label=${this.count === 1 ? t("{0}: map of one image", t(label)) : t("{0}: map of {1} images", t(label), this.count)}
        aria-keyshortcuts="ArrowUp ArrowDown ArrowLeft ArrowRight Enter E Escape"
        data-linked=${this.linked?.row ?? ""}
        data-ringed=${[...this.rings.strong, ...this.rings.thin].join(" ")}
        data-near=${this.linked?.near.join(" ") ?? ""}
      ></div>`;
  }

  #quality(): TemplateResult | typeof nothing {
    const { layout, quality, count } = this;
    if (quality === undefined) {
      // Of three images any picture is exact: there is no method to name.
      return layout === undefined || count <= 3
        ? nothing
        : html`<span class="quality quiet">${layout.method === "pca" ? "PCA" : "UMAP"}</span>`;
    }
    const { trustworthiness, neighbourPreservation } = quality;
    if (trustworthiness === null || neighbourPreservation === null) {
      const why = t(
        "{0} images are too few to say how well a map keeps neighbourhoods: it takes {1}.",
        count,
        MEASURED,
      );
      return html`<span class="quality quiet" title=${why}>${t("too few to measure")}</span>`;
    }
    const shown = (value: number) => value.toFixed(2).replace(/^0/, "");
    const meaning = t(
      "Trustworthiness {0}: 1 where images that are near here are alike for the descriptor. Neighbour preservation {1}: share of the most alike images that are near here.",
      shown(trustworthiness),
      shown(neighbourPreservation),
    );
    return html`<span class="quality quiet" title=${meaning}
      ><abbr>T</abbr> ${shown(trustworthiness)} <abbr>N</abbr> ${shown(neighbourPreservation)}</span
    ><span class="unseen">${meaning}</span>`;
  }
}

customElements.define("lookalike-map", MapView);
