import type { ReactiveController, ReactiveControllerHost } from "lit";
import {
  COMBINED,
  type ColumnChoice,
  call,
  type DescriptorStyle,
  descriptorStyles,
  type ProjectionLayout,
  type ProjectionsHighlight,
  type ProjectionsImages,
  type ProjectionsNotifications,
  type ProjectionsRequests,
  type ProjectionsState,
  type SavedProjections,
  type SelectionAction,
  type TableSummary,
} from "../../src/shared/index.ts";
import type { Rings } from "../plot/overlay.ts";
import type { Seen } from "../plot/plotTypes.ts";
import type { HostLink, VsCodeApi } from "../rpc.ts";
import { t } from "../strings.ts";
import { ThumbnailStore } from "../thumbnailStore.ts";
import { Colouring } from "./colouring.ts";
import { foldersAbove } from "./labels.ts";
import { Lighting } from "./lighting.ts";
import { Linking } from "./linking.ts";
import { Neighbours } from "./neighbours.ts";
import { keptState, stateToKeep } from "./savedState.ts";
import { Selection } from "./selection.ts";

/** Pixels; on a dense display each is drawn with up to two of the thumbnail's. */
const THUMBNAIL_SIZE = 256;
/** Lines from a point go to so many. */
const NEAR = 5;

/** What the page shows: all that the host tells, and what the user has chosen of it. */
export class PageData implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly thumbnails = new ThumbnailStore((path) => this.ask("thumbnail", { path, size: THUMBNAIL_SIZE }));
  readonly colouring: Colouring;
  readonly linking: Linking;
  readonly selection = new Selection();
  /** The category under the pointer. */
  readonly lighting = new Lighting(() => {
    this.selection.light(this.lighting.code, this.colouring.labels);
    this.#host.requestUpdate();
  });
  state: ProjectionsState | undefined;
  images: ProjectionsImages = { descriptors: [], paths: [] };
  layouts: ReadonlyMap<string, ProjectionLayout> = new Map();
  styles: ReadonlyMap<string, DescriptorStyle> = new Map();
  tables: readonly TableSummary[] = [];
  /** Points that other parts of the window are about. */
  rings: Rings = { strong: [], thin: [] };
  /** Folders above the images. */
  folders: readonly string[] = [];
  /** Points are drawn as pictures where few are in view. */
  pictures = true;
  /** Categories are named in the maps. */
  names = true;
  readonly #neighbours = new Neighbours((path) => this.ask("neighbours", { path, k: NEAR }));
  #highlight: ProjectionsHighlight = { active: null, query: null, results: [] };
  #saved: SavedProjections | undefined;
  #api!: VsCodeApi;
  #connection!: HostLink;
  /** The map whose part in view the legend is about. */
  #looked: string | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    this.colouring = new Colouring(host, (column) => this.ask("column", { column }));
    this.linking = new Linking(host, this.#neighbours);
    host.addController(this);
  }

  hostConnected(): void {}

  /** Descriptors with what they are called. */
  get named(): { readonly name: string; readonly label: string }[] {
    return this.images.descriptors.map((name) => ({ name, label: t(this.styles.get(name)!.label) }));
  }

  /** Asks the host for everything and follows its changes. */
  async connect(api: VsCodeApi, connection: HostLink): Promise<void> {
    this.#api = api;
    this.#connection = connection;
    const kept = keptState(api.getState());
    this.selection.kept = kept.selection;
    this.selection.search = kept.search;
    this.pictures = kept.pictures;
    this.names = kept.names;
    connection.onNotification("state", (start: ProjectionsNotifications["state"]) => this.#setState(start));
    connection.onNotification("images", (images: ProjectionsImages) => this.#setImages(images));
    connection.onNotification("layout", (layout: ProjectionLayout) => this.#setLayouts([layout]));
    connection.onNotification("highlight", (highlight: ProjectionsHighlight) => this.#setHighlight(highlight));
    connection.onNotification("menu", ({ action }: ProjectionsNotifications["menu"]) => this.act(action));
    connection.listen();
    const { images, layouts, highlight, ...start } = await this.ask("ready", {});
    this.#setImages(images);
    this.#setLayouts(layouts);
    this.#setHighlight(highlight);
    this.#setState(start);
    if (start.state.summary === null) await this.#loadTables();
  }

  ask<M extends keyof ProjectionsRequests>(
    method: M,
    params: ProjectionsRequests[M]["params"],
  ): Promise<ProjectionsRequests[M]["result"]> {
    return call<ProjectionsRequests, M, never>(this.#connection, method, params);
  }

  select(rows: readonly number[]): void {
    this.selection.set(rows);
    this.#selectionChanged();
  }

  toggle(row: number): void {
    this.selection.toggle(row);
    this.#selectionChanged();
  }

  selectFound(): void {
    this.selection.selectFound();
    this.#selectionChanged();
  }

  /** Selects the images of a category. */
  selectCategory(code: number): void {
    const { codes } = this.colouring.labels;
    this.select([...codes.keys()].filter((row) => codes[row] === code));
  }

  find(text: string): void {
    this.selection.find(text, this.colouring.labels);
    this.#save();
    this.#host.requestUpdate();
  }

  /** Goes to a point; `alone`, it becomes the selection. @param map beside whose point its card stands */
  go(row: number, map: string | undefined, alone = false): void {
    if (alone) this.select([row]);
    this.linking.go(row, map);
  }

  open(row: number): void {
    void this.ask("open", { path: this.images.paths[row]! });
  }

  /** The pointer is at a point, or at none. @param map beside whose point its card stands */
  hover(row: number | undefined, map: string | undefined): void {
    this.linking.hover(row, map);
    const { labels, numbers } = this.colouring;
    const code = row === undefined || numbers !== undefined ? -1 : labels.codes[row]!;
    this.light(code < 0 ? undefined : code);
  }

  /** Lights the images of a category up. */
  light(code: number | undefined): void {
    this.lighting.point(this.colouring.labels.names.length > 1 ? code : undefined);
  }

  /** The view of a map rests. @param part in view; null where that is all of it */
  look(map: string, part: Seen["part"]): void {
    if (part === null && this.#looked !== map) return;
    this.#looked = part === null ? undefined : map;
    const points = this.layouts.get(map)?.points;
    this.colouring.look(map, part === null || points === undefined ? null : { points, part });
  }

  /** Does something with the selection. The image that was pointed at goes first. */
  act(action: SelectionAction): void {
    const { current } = this.linking;
    const rows = [...this.selection.rows];
    if (current !== undefined && rows.includes(current)) rows.unshift(...rows.splice(rows.indexOf(current), 1));
    if (rows.length > 0) void this.ask("selection", { action, paths: rows.map((row) => this.images.paths[row]!) });
  }

  setPictures(on: boolean): void {
    this.pictures = on;
    this.#save();
    this.#host.requestUpdate();
  }

  setNames(on: boolean): void {
    this.names = on;
    this.#save();
    this.#host.requestUpdate();
  }

  async colour(choice: ColumnChoice | null): Promise<void> {
    this.#putOut();
    // What cannot be kept is told by whoever asks for its values.
    if (choice !== this.colouring.choice) void this.ask("colour", { choice }).catch(() => {});
    await this.colouring.choose(choice);
    // What images are called by may be other words now.
    this.find(this.selection.search);
  }

  async chooseTable(): Promise<void> {
    try {
      const table = await this.ask("chooseTable", {});
      await this.#loadTables();
      const column = table?.columns[0];
      if (table !== null && column !== undefined) await this.colour({ kind: "table", file: table.file, column });
    } catch (error) {
      this.colouring.fail(error);
    }
  }

  /** New maps have other values, and perhaps other tables beside their images. */
  async #finished(): Promise<void> {
    await this.#loadTables();
    await this.colour(this.colouring.choice);
  }

  async #loadTables(): Promise<void> {
    // Without them there is still the rest; the host has logged why.
    this.tables = await this.ask("tables", {}).catch(() => []);
    this.#host.requestUpdate();
  }

  #setState({ state, saved, colour }: ProjectionsNotifications["state"]): void {
    const finished = state.summary !== null && this.state?.summary == null;
    // New maps have other neighbours.
    if (state.summary !== this.state?.summary) this.#neighbours.reset(this.images.paths);
    const before = this.#saved;
    this.state = state;
    this.#saved = saved;
    if (before !== undefined && saved.folder !== before.folder) this.selection.kept = [];
    if (saved.folder !== before?.folder) this.colouring.choice = colour;
    this.#save();
    if (finished) void this.#finished();
    this.#host.requestUpdate();
  }

  #setImages(images: ProjectionsImages): void {
    this.#putOut();
    this.#looked = undefined;
    this.images = images;
    this.styles = descriptorStyles(images.descriptors.slice(0, -1));
    this.layouts = new Map();
    this.folders = foldersAbove(images.paths);
    this.#neighbours.reset(images.paths);
    this.colouring.reset(images.paths);
    this.linking.clear();
    this.selection.reset(images.paths, this.colouring.labels);
    this.#setHighlight(this.#highlight);
    this.#selectionChanged();
  }

  #setLayouts(layouts: readonly ProjectionLayout[]): void {
    const before = this.layouts.get(COMBINED);
    this.layouts = new Map([...this.layouts, ...layouts.map((layout) => [layout.descriptor, layout] as const)]);
    const combined = this.layouts.get(COMBINED);
    // By the first view and by the map as it stays: colours that change at every step would say nothing.
    if (combined !== undefined && combined !== before && (before === undefined || isDone(combined)))
      this.colouring.place(combined.points);
    this.#host.requestUpdate();
  }

  #setHighlight(highlight: ProjectionsHighlight): void {
    this.#highlight = highlight;
    const { active, query, results } = highlight;
    const { paths } = this.images;
    const rows = (wanted: ReadonlySet<string | null>) => [...paths.keys()].filter((row) => wanted.has(paths[row]!));
    const strong = new Set([active, query]);
    this.rings = { strong: rows(strong), thin: rows(new Set(results.filter((path) => !strong.has(path)))) };
    this.#host.requestUpdate();
  }

  /** Nothing is lit up: what it would be is another thing now. */
  #putOut(): void {
    this.lighting.clear();
    this.selection.light(undefined, this.colouring.labels);
  }

  #selectionChanged(): void {
    const { current } = this.linking;
    if (current !== undefined && !this.selection.rows.includes(current)) this.linking.leaveCurrent();
    this.#save();
    this.#host.requestUpdate();
  }

  #save(): void {
    const { pictures, names, selection } = this;
    const { kept, search } = selection;
    const own = { selection: kept, pictures, names, search };
    if (this.#saved !== undefined) this.#api.setState(stateToKeep(this.#saved, own));
  }
}

function isDone({ method, done }: ProjectionLayout): boolean {
  return method === "umap" && done === 1;
}
