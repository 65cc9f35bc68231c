import type { ReactiveController, ReactiveControllerHost } from "lit";
import {
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
import type { HostLink, VsCodeApi } from "../rpc.ts";
import { t } from "../strings.ts";
import { ThumbnailStore } from "../thumbnailStore.ts";
import { Colouring } from "./colouring.ts";
import { foldersAbove } from "./labels.ts";
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
  readonly #neighbours = new Neighbours((path) => this.ask("neighbours", { path, k: NEAR }));
  #highlight: ProjectionsHighlight = { active: null, query: null, results: [] };
  #saved: SavedProjections | undefined;
  #api!: VsCodeApi;
  #connection!: HostLink;

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

  async colour(choice: ColumnChoice | null): Promise<void> {
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
    this.layouts = new Map([...this.layouts, ...layouts.map((layout) => [layout.descriptor, layout] as const)]);
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

  #selectionChanged(): void {
    const { current } = this.linking;
    if (current !== undefined && !this.selection.rows.includes(current)) this.linking.leaveCurrent();
    this.#save();
    this.#host.requestUpdate();
  }

  #save(): void {
    const { pictures, selection } = this;
    const { kept, search } = selection;
    const own = { selection: kept, pictures, search };
    if (this.#saved !== undefined) this.#api.setState(stateToKeep(this.#saved, own));
  }
}
