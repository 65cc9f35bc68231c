import { html, LitElement, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import type { MessageConnection } from "vscode-jsonrpc/browser";
import {
  call,
  type DescriptorStyle,
  descriptorStyles,
  type ProjectionLayout,
  type ProjectionsImages,
  type ProjectionsNotifications,
  type ProjectionsRequests,
  type ProjectionsState,
  type SavedProjections,
} from "../../src/shared/index.ts";
import { DIRECTIONS } from "../plot/picking.ts";
import type { PlotEvents } from "../plot/pointPlot.ts";
import type { VsCodeApi } from "../rpc.ts";
import { setStrings, t } from "../strings.ts";
import { ThumbnailStore } from "../thumbnailStore.ts";
import { renderHead } from "./head.ts";
import { type Labels, labelOf, labelsOf, nameOf } from "./labels.ts";
import { MapView } from "./mapView.ts";
import { type Near, Neighbours } from "./neighbours.ts";
import { renderLegend, renderSelection, type SideActions } from "./side.ts";
import { onThemeChange } from "./theme.ts";

/** Pixels; on a dense display each is drawn with up to two of the thumbnail's. */
const THUMBNAIL_SIZE = 256;
/** Lines from a point go to so many. */
const NEAR = 5;
/** Of a larger selection nothing is kept while the page is hidden. */
const KEPT = 1000;
/** A pointer that only passes asks for no neighbours. Milliseconds. */
const REST = 40;

/** A point that is lit up in every map, and the map beside whose point its card stands. */
interface Light {
  readonly row: number;
  readonly map: string | undefined;
}

/** The projections panel: a map per branch and one for combined, linked; beside them the selection and the labels. */
export class ProjectionsPage extends LitElement {
  static override properties = {
    state: { state: true },
    images: { state: true },
    layouts: { state: true },
    enlarged: { state: true },
    selection: { state: true },
    current: { state: true },
    light: { state: true },
    near: { state: true },
    themed: { state: true },
  };
  declare state: ProjectionsState | undefined;
  declare images: ProjectionsImages;
  declare layouts: ReadonlyMap<string, ProjectionLayout>;
  /** The only map that is shown; all are where undefined. */
  declare enlarged: string | undefined;
  /** Rows in order. */
  declare selection: readonly number[];
  /** Row that was clicked or walked to last. */
  declare current: number | undefined;
  declare light: Light | undefined;
  declare near: Near;
  declare themed: number;

  #labels: Labels = labelsOf([]);
  #styles = new Map<string, DescriptorStyle>();
  #marks = new Uint8Array();
  /** Paths of the selection: it outlives other maps of the same folder, and the page. */
  #selected: readonly string[] = [];
  #saved: SavedProjections | undefined;
  #api!: VsCodeApi;
  #connection!: MessageConnection;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #unwatch = () => {};
  readonly #events = new Map<string, PlotEvents>();
  readonly #thumbnails = new ThumbnailStore((path) => this.#ask("thumbnail", { path, size: THUMBNAIL_SIZE }));
  readonly #neighbours = new Neighbours((path) => this.#ask("neighbours", { path, k: NEAR }));
  readonly #actions: SideActions = {
    point: (row) => this.#point(row, undefined),
    hover: (row) => this.#light(row, undefined),
    open: (row) => void this.#ask("open", { path: this.images.paths[row]! }),
    findSimilar: (row) => void this.#ask("findSimilar", { path: this.images.paths[row]! }),
    clear: () => this.#select([]),
    selectLabel: (name) => this.#select([...this.images.paths.keys()].filter((row) => this.#labelIs(row, name))),
  };

  constructor() {
    super();
    this.images = { descriptors: [], paths: [] };
    this.layouts = new Map();
    this.selection = [];
    this.near = {};
    this.themed = 0;
  }

  /** Asks the host for everything and follows its changes. */
  async connect(api: VsCodeApi, connection: MessageConnection): Promise<void> {
    this.#api = api;
    this.#connection = connection;
    this.#selected = keptSelection(api.getState());
    const show = ({ state, saved }: ProjectionsNotifications["state"]) => {
      // New maps have other neighbours.
      if (state.summary !== this.state?.summary) this.#neighbours.reset(this.images.paths);
      if (this.#saved !== undefined && saved.folder !== this.#saved.folder) this.#selected = [];
      this.state = state;
      this.#saved = saved;
      this.#save();
    };
    connection.onNotification("state", show);
    connection.onNotification("images", (images: ProjectionsImages) => this.#setImages(images));
    connection.onNotification("layout", (layout: ProjectionLayout) => this.#setLayouts([layout]));
    connection.listen();
    const { strings, images, layouts, ...start } = await this.#ask("ready", {});
    setStrings(strings);
    this.#setImages(images);
    this.#setLayouts(layouts);
    show(start);
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unwatch = onThemeChange(() => {
      this.themed++;
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch();
  }

  protected override updated(): void {
    this.#placeCard();
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.state === undefined) return nothing;
    const { paths } = this.images;
    const lit = this.light?.row ?? this.current;
    return html`${renderHead(this.state, paths.length, (action) => void this.#ask("action", { action }))}
      <p class="unseen" role="status">${lit === undefined ? nothing : this.#spoken(lit)}</p>
      <main @keydown=${this.#onKey}>
        ${paths.length === 0 ? this.#skeleton() : this.#maps()}
        ${
          paths.length === 0
            ? nothing
            : html`<aside>
                ${guard([this.selection, this.current, this.images], () =>
                  renderSelection(this.selection, this.current, paths, this.#thumbnails, this.#actions),
                )}
                ${guard([this.images], () => renderLegend(this.#labels.all, this.#actions))}
              </aside>`
        }
      </main>
      ${this.#card()}`;
  }

  #skeleton(): TemplateResult | typeof nothing {
    if (this.state?.work == null) return nothing;
    return html`<div class="maps" aria-hidden="true">${[0, 1, 2, 3].map(() => html`<div class="skeleton"></div>`)}</div>`;
  }

  #maps(): TemplateResult {
    const { descriptors, paths } = this.images;
    const shown = this.enlarged === undefined ? descriptors : [this.enlarged];
    const row = this.light?.row ?? this.current;
    const near = row === undefined ? {} : this.near;
    return html`<div class="maps" data-maps=${shown.length} aria-busy=${this.state!.work !== null}>
      ${repeat(
        shown,
        (name) => name,
        (name) =>
          html`<lookalike-map
            data-descriptor=${name}
            .descriptor=${name}
            .descriptorStyle=${this.#styles.get(name)!}
            .number=${descriptors.indexOf(name) + 1}
            .count=${paths.length}
            .layout=${this.layouts.get(name)}
            .quality=${this.state!.summary?.maps[name]}
            .colours=${this.#labels.colours}
            .marks=${this.#marks}
            .linked=${row === undefined ? undefined : { row, near: near[name] ?? [] }}
            .current=${this.current}
            .themed=${this.themed}
            .events=${this.#eventsOf(name)}
          ></lookalike-map>`,
      )}
    </div>`;
  }

  #card(): TemplateResult | typeof nothing {
    const { row, map } = this.light ?? {};
    const path = row === undefined ? undefined : this.images.paths[row];
    if (path === undefined || map === undefined) return nothing;
    return html`<div class="hover-card" aria-hidden="true" data-path=${path}>
      <lookalike-thumbnail class="picture" .path=${path} .store=${this.#thumbnails}></lookalike-thumbnail>
      <span class="card-name">${nameOf(path)}</span>
      <span class="quiet">${labelOf(path)}</span>
    </div>`;
  }

  /** Beside its point, on the side where there is room. By hand: the page's policy allows no style in attributes. */
  #placeCard(): void {
    const card = this.querySelector<HTMLElement>(".hover-card");
    if (card === null || this.light?.map === undefined) return;
    const at = this.#mapOf(this.light.map)?.positionOf(this.light.row);
    card.hidden = at === undefined;
    if (at === undefined) return;
    const { width, height } = card.getBoundingClientRect();
    const left = at.x + 16 + width <= innerWidth ? at.x + 16 : at.x - 16 - width;
    card.style.left = `${Math.max(4, left)}px`;
    card.style.top = `${Math.max(4, Math.min(at.y - height / 2, innerHeight - height - 4))}px`;
  }

  #setImages(images: ProjectionsImages): void {
    this.images = images;
    this.#labels = labelsOf(images.paths);
    this.#styles = descriptorStyles(images.descriptors.slice(0, -1));
    this.#neighbours.reset(images.paths);
    this.layouts = new Map();
    if (this.enlarged !== undefined && !images.descriptors.includes(this.enlarged)) this.enlarged = undefined;
    this.current = undefined;
    this.light = undefined;
    const before = this.#selected;
    const selected = new Set(before);
    this.#select([...images.paths.keys()].filter((row) => selected.has(images.paths[row]!)));
    // Between two sets of images there are none for a moment.
    if (images.paths.length === 0) this.#selected = before;
  }

  #setLayouts(layouts: readonly ProjectionLayout[]): void {
    this.layouts = new Map([...this.layouts, ...layouts.map((layout) => [layout.descriptor, layout] as const)]);
  }

  #eventsOf(name: string): PlotEvents {
    let events = this.#events.get(name);
    if (events === undefined) {
      events = {
        hover: (row) => this.#light(row, name),
        pick: (row, more) => (more ? this.#toggle(row) : this.#point(row, name, true)),
        open: (row) => this.#actions.open(row),
        lasso: (rows, more) => this.#select(more ? [...this.selection, ...rows] : rows),
      };
      this.#events.set(name, events);
    }
    return events;
  }

  #select(rows: readonly number[]): void {
    this.selection = [...new Set(rows)].sort((a, b) => a - b);
    this.#marks = new Uint8Array(this.images.paths.length);
    for (const row of this.selection) this.#marks[row] = 1;
    this.#selected = this.selection.map((row) => this.images.paths[row]!);
    this.#save();
    if (this.current !== undefined && !this.selection.includes(this.current)) this.current = undefined;
  }

  #save(): void {
    const selection = this.#selected.length > KEPT ? [] : this.#selected;
    if (this.#saved !== undefined) this.#api.setState({ ...this.#saved, selection });
  }

  #toggle(row: number): void {
    const others = this.selection.filter((other) => other !== row);
    this.#select(others.length < this.selection.length ? others : [...others, row]);
  }

  /** Goes to a point; `alone`, it becomes the selection. */
  #point(row: number, map: string | undefined, alone = false): void {
    if (alone) this.#select([row]);
    this.current = row;
    if (map === undefined) void this.#link(row);
    else this.#light(row, map);
  }

  #light(row: number | undefined, map: string | undefined): void {
    clearTimeout(this.#rest);
    this.light = row === undefined ? undefined : { row, map };
    const lit = row ?? this.current;
    if (lit === undefined) return;
    this.near = this.#neighbours.get(lit) ?? {};
    this.#rest = setTimeout(() => void this.#link(lit), REST);
  }

  async #link(row: number): Promise<void> {
    // The point is lit up without lines where they cannot be had; the host has logged why.
    const near = await this.#neighbours.load(row).catch((): Near => ({}));
    if ((this.light?.row ?? this.current) === row) this.near = near;
  }

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const map = event.target instanceof Element ? event.target.closest("lookalike-map") : null;
    const direction = DIRECTIONS[event.key];
    const digit = /^[1-9]$/.test(event.key) ? this.images.descriptors[Number(event.key) - 1] : undefined;
    if (direction !== undefined && map instanceof MapView) {
      const next = map.towards(this.current ?? this.selection[0], direction);
      if (next !== undefined) this.#point(next, map.descriptor, true);
    } else if (event.key === "Enter" && map !== null && this.current !== undefined) this.#actions.open(this.current);
    else if (event.key === "Escape") this.#escape();
    else if (event.key === "f" || event.key === "F")
      for (const each of this.querySelectorAll("lookalike-map")) (each as MapView).fit();
    else if (digit !== undefined) void this.#enlarge(digit === this.enlarged ? undefined : digit, map);
    else return;
    event.preventDefault();
  };

  #escape(): void {
    if (this.selection.length === 0 && this.current === undefined && this.light === undefined)
      this.enlarged = undefined;
    this.light = undefined;
    this.current = undefined;
    this.#select([]);
  }

  /** The focus stays in a map, so that the next key is heard. */
  async #enlarge(name: string | undefined, from: Element | null): Promise<void> {
    this.enlarged = name;
    await this.updateComplete;
    if (from === null) return;
    const to = name === undefined && from.isConnected ? from : this.querySelector("lookalike-map");
    if (to instanceof MapView) await to.updateComplete;
    to?.querySelector<HTMLElement>(".plot")?.focus();
  }

  #mapOf(name: string): MapView | undefined {
    const map = this.querySelector(`lookalike-map[data-descriptor="${CSS.escape(name)}"]`);
    return map instanceof MapView ? map : undefined;
  }

  #labelIs(row: number, name: string): boolean {
    return labelOf(this.images.paths[row]!) === name;
  }

  #spoken(row: number): string {
    const path = this.images.paths[row]!;
    return t("{0} in {1}", nameOf(path), labelOf(path) || "/");
  }

  #ask<M extends keyof ProjectionsRequests>(
    method: M,
    params: ProjectionsRequests[M]["params"],
  ): Promise<ProjectionsRequests[M]["result"]> {
    return call<ProjectionsRequests, M, never>(this.#connection, method, params);
  }
}

/** Whatever an earlier page left behind. */
function keptSelection(state: unknown): readonly string[] {
  if (typeof state !== "object" || state === null || !("selection" in state)) return [];
  return Array.isArray(state.selection) ? state.selection.filter((path) => typeof path === "string") : [];
}

customElements.define("lookalike-projections", ProjectionsPage);
