import { html, LitElement, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import type { ProjectionsRequests, ProjectionsState } from "../../src/shared/index.ts";
import { FocusOnce } from "../focusOnce.ts";
import { focusRegion } from "../regions.ts";
import type { HostLink, VsCodeApi } from "../rpc.ts";
import { t } from "../strings.ts";
import { pageActions } from "./actions.ts";
import { renderControls } from "./controls.ts";
import { exportPicture } from "./exportPicture.ts";
import { announced, renderHead } from "./head.ts";
import { placeCard, renderCard } from "./hoverCard.ts";
import { handleKey } from "./keys.ts";
import { spoken } from "./labels.ts";
import { renderLegend, shown } from "./legend.ts";
import { type MapEvents, MapView } from "./mapView.ts";
import { type ExportChoice, renderExport, renderParameters } from "./menus.ts";
import { PageData } from "./pageData.ts";
import { renderMoved, renderSelection } from "./side.ts";
import { ground, onThemeChange } from "./theme.ts";

const MAPS = [[".maps", "lookalike-map:last-of-type .plot"]] as const;

type Params<M extends keyof ProjectionsRequests> = ProjectionsRequests[M]["params"];

/** The projections panel: a map per branch and one for combined, linked; beside them the selection and the legend. */
export class ProjectionsPage extends LitElement {
  static override properties = {
    enlarged: { state: true },
    themed: { state: true },
    morphed: { state: true },
    exportFailure: { state: true },
  };
  /** The only map that is shown; all are where undefined. */
  declare enlarged: string | undefined;
  declare themed: number;
  /** The map of the first of two compared descriptors has the places of the other. */
  declare morphed: boolean;
  /** Why the last picture could not be made. */
  declare exportFailure: string | null;

  readonly #data = new PageData(this);
  #mapPictures: MapView["pictures"] = null;
  #mapNames: MapView["named"] = null;
  #unwatch = () => {};
  readonly #events = new Map<string, MapEvents>();
  readonly #actions = pageActions(this.#data, {
    morph: (on) => {
      this.morphed = on ?? !this.morphed;
    },
    escape: () => this.#escape(),
    fit: () => {
      for (const each of this.querySelectorAll("lookalike-map")) (each as MapView).fit();
    },
    enlarge: (name, from) => void this.#enlarge(name === this.enlarged ? undefined : name, from),
    focusSearch: () => this.querySelector<HTMLInputElement>(".search input")?.focus(),
  });

  constructor() {
    super();
    this.themed = 0;
    this.morphed = false;
    this.exportFailure = null;
    new FocusOnce(this, "lookalike-map:last-of-type .plot");
    this.addEventListener("keydown", (event) => handleKey(event, this.#actions));
  }

  /** The images of the maps, by row. */
  get images(): PageData["images"] {
    return this.#data.images;
  }

  connect(api: VsCodeApi, connection: HostLink): Promise<void> {
    return this.#data.connect(api, connection);
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

  protected override willUpdate(): void {
    const { descriptors } = this.images;
    if (this.enlarged !== undefined && descriptors.length > 0 && !descriptors.includes(this.enlarged))
      this.enlarged = undefined;
    // VS Code looks for it when a menu is asked for.
    const context = { webviewSection: "selection", preventDefaultContextMenuItems: true };
    if (this.#data.selection.rows.length > 0) this.dataset["vscodeContext"] = JSON.stringify(context);
    else delete this.dataset["vscodeContext"];
  }

  protected override updated(): void {
    const card = this.querySelector<HTMLElement>(".hover-card");
    const { light } = this.#data.linking;
    if (card !== null && light?.map !== undefined) placeCard(card, this.#mapOf(light.map)?.positionOf(light.row));
  }

  protected override render(): TemplateResult | typeof nothing {
    const { state, linking } = this.#data;
    if (state === undefined) return nothing;
    const { length } = this.images.paths;
    const act = (action: Params<"action">["action"]) => void this.#data.ask("action", { action });
    return html`${renderHead(state, length, act, length === 0 ? nothing : this.#controls(state))}
      <p class="unseen" role="status">${announced(state)}</p>
      <p class="unseen" role="status">${linking.row === undefined ? nothing : spoken(this.images.paths[linking.row]!)}</p>
      <main>
        ${length === 0 ? this.#skeleton(state) : html`${this.#maps(state)}${this.#side()}`}
      </main>
      ${this.#card()}`;
  }

  #controls(state: ProjectionsState): TemplateResult {
    const { named: descriptors, tables, pictures, names, folders, colouring, selection } = this.#data;
    const { search, foundCount: found } = selection;
    const { choice } = colouring;
    const { morphed } = this;
    const compared = state.parameters.models !== undefined;
    return html`<div class="controls" role="group" aria-label=${t("Maps")}>
      ${renderControls({ descriptors, compared, choice, tables, search, found, pictures, names, morphed }, this.#actions)}
      ${renderParameters(state.parameters, folders, (parameters) => void this.#data.ask("run", { parameters }))}
      ${renderExport(
        descriptors,
        {
          picture: (wanted) => void this.#exportPicture(wanted),
          layout: (format) => void this.#data.ask("saveLayout", { format }),
        },
        this.exportFailure,
      )}
    </div>`;
  }

  #side(): TemplateResult {
    const { colouring, linking, selection, thumbnails, rings } = this.#data;
    const { paths } = this.images;
    const { choice, numbers, version } = colouring;
    const { rows } = selection;
    const { current } = linking;
    const moved = choice?.kind === "moved" ? numbers : undefined;
    const picked = numbers === undefined ? selection.counted(colouring.labels) : undefined;
    // A hover changes nothing of this, and there may be many images.
    return html`<aside>
      ${guard([rows, current, paths], () => renderSelection(rows, current, paths, thumbnails, this.#actions))}
      ${guard([version, paths], () =>
        moved === undefined ? nothing : renderMoved(moved.values, paths, thumbnails, this.#actions),
      )}
      ${guard([version, paths, this.themed, picked], () => renderLegend(colouring, picked, ground(), this.#actions))}
      ${
        rings.strong.length + rings.thin.length === 0
          ? nothing
          : html`<p class="quiet about-rings">${t("shown in an editor or the similar panel")}</p>`
      }
    </aside>`;
  }

  #skeleton({ work }: ProjectionsState): TemplateResult | typeof nothing {
    if (work === null) return nothing;
    return html`<div class="maps" aria-hidden="true">${[0, 1, 2, 3].map(() => html`<div class="skeleton"></div>`)}</div>`;
  }

  #maps({ work, summary }: ProjectionsState): TemplateResult {
    const { layouts, styles, colouring, linking, selection, rings, pictures, thumbnails } = this.#data;
    const { descriptors, paths } = this.images;
    const { row, near, current } = linking;
    const { choice } = colouring;
    const names = this.enlarged === undefined ? descriptors : [this.enlarged];
    const morph = this.morphed && choice?.kind === "moved" ? choice : undefined;
    if (!pictures) this.#mapPictures = null;
    else if (this.#mapPictures?.paths !== paths) this.#mapPictures = { paths, store: thumbnails };
    return html`<div class="maps" data-maps=${names.length} aria-busy=${work !== null}>
      ${repeat(
        names,
        (name) => name,
        (name) =>
          html`<lookalike-map
            data-descriptor=${name}
            .descriptor=${name}
            .descriptorStyle=${styles.get(name)!}
            .number=${descriptors.indexOf(name) + 1}
            .count=${paths.length}
            .layout=${layouts.get(morph?.one === name ? morph.other : name)}
            .morphing=${morph?.one === name ? t(styles.get(morph.other)?.label ?? morph.other) : ""}
            .quality=${summary?.maps[name]}
            .colours=${colouring.coloursOf(name)}
            .marks=${selection.marks}
            .linked=${row === undefined ? undefined : { row, near: near[name] ?? [] }}
            .current=${current}
            .rings=${rings}
            .pictures=${this.#mapPictures}
            .named=${this.#named()}
            .themed=${this.themed}
            .events=${this.#eventsOf(name)}
          ></lookalike-map>`,
      )}
    </div>`;
  }

  /** The same object until something of it changes: names are placed anew for another one. */
  #named(): MapView["named"] {
    const { colouring, lighting, names } = this.#data;
    const { categories, labels, numbers } = colouring;
    if (!names || numbers !== undefined) this.#mapNames = null;
    else if (this.#mapNames?.categories !== categories || this.#mapNames.lit !== lighting.code)
      this.#mapNames = { categories, codes: labels.codes, lit: lighting.code };
    return this.#mapNames;
  }

  #card(): TemplateResult | typeof nothing {
    const { light } = this.#data.linking;
    const path = light === undefined ? undefined : this.images.paths[light.row];
    if (light?.map === undefined || path === undefined) return nothing;
    return renderCard(path, this.#valueOf(light.row, light.map), this.#data.thumbnails);
  }

  /** What a point's colour stands for, where that is not its folder. */
  #valueOf(row: number, map: string): string {
    const { choice, numbers, labels } = this.#data.colouring;
    if (choice === null) return "";
    if (numbers === undefined) return labels.names[labels.codes[row]!] ?? "";
    return shown((numbers.byMap?.[map] ?? numbers.values)[row]!, numbers.unit);
  }

  #eventsOf(name: string): MapEvents {
    let events = this.#events.get(name);
    if (events === undefined) {
      const data = this.#data;
      events = {
        hover: (row) => data.hover(row, name),
        seen: (part) => data.look(name, part),
        pick: (row, more) => (more ? data.toggle(row) : data.go(row, name, true)),
        open: (row) => data.open(row),
        lasso: (rows, more) => data.select(more ? [...data.selection.rows, ...rows] : rows),
        menu: (row) => {
          if (!data.selection.rows.includes(row)) data.go(row, name, true);
        },
        enlarge: () => void this.#enlarge(name === this.enlarged ? undefined : name, null),
      };
      this.#events.set(name, events);
    }
    return events;
  }

  async #exportPicture({ format, map, width }: ExportChoice): Promise<void> {
    const names = map === null ? this.images.descriptors : [map];
    // Only what is shown can be drawn.
    const before = this.enlarged;
    this.enlarged = names.length === 1 ? names[0] : undefined;
    await this.updateComplete;
    const views = names.flatMap((name) => this.#mapOf(name) ?? []);
    await Promise.all(views.map((view) => view.updateComplete));
    try {
      const bytes = await exportPicture(views, this.#data.colouring, format, width);
      this.exportFailure = null;
      void this.#data.ask("savePicture", { format, bytes });
    } catch (error) {
      this.exportFailure = error instanceof Error ? error.message : String(error);
    }
    this.enlarged = before;
  }

  #escape(): boolean {
    // The list that has the focus goes: back to the maps it came from.
    if (document.activeElement?.closest(".selection") != null) focusRegion(this, MAPS, 1);
    const { linking, selection } = this.#data;
    const chosen = selection.rows.length > 0 || linking.row !== undefined;
    const used = chosen || this.enlarged !== undefined;
    if (!chosen) this.enlarged = undefined;
    linking.clear();
    this.#data.select([]);
    return used;
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
}

customElements.define("lookalike-projections", ProjectionsPage);
