/**
 * The link between the extension host and the projections page. The host sends what changed and, to a page that asks for
 * it with `ready`, everything. Every message from the page is validated at the host.
 */
import type { ColumnChoice, TableSummary } from "../columns.ts";
import type { ProjectionParameters, ProjectionSummary } from "../projection.ts";
import type { PageThumbnail } from "./page.ts";
import type { NearImage, ProjectionColumnResult, ProjectionLayout, ProjectionStep } from "./projection.ts";

export interface ProjectionsState {
  /** Name of the indexed folder. */
  readonly folder: string;
  /** The part of it that is shown, relative with `/`; empty is all. */
  readonly under: string;
  /** What the maps are made with; `under` among it. */
  readonly parameters: ProjectionParameters;
  /** What is under way; null when nothing is. */
  readonly work: ProjectionsWork | null;
  /** Of the finished maps; null until then. */
  readonly summary: ProjectionSummary | null;
  readonly notice: ProjectionsNotice | null;
}

export interface ProjectionsWork {
  readonly phase: "opening" | "indexing" | ProjectionStep["phase"];
  /** 0..1 of the phase; null where it is not known. */
  readonly done: number | null;
}

export interface ProjectionsNotice {
  readonly kind: "error" | "info";
  /** What happened and what to do next; already in the user's language. */
  readonly text: string;
  /** Buttons, primary first. */
  readonly actions: readonly ProjectionsAction[];
}

export type ProjectionsAction =
  | "indexFolder"
  | "wholeFolder"
  | "manageTrust"
  | "run"
  | "retry"
  | "showLog"
  | "stop"
  | "enterPassword";

/** The images of the maps. */
export interface ProjectionsImages {
  /** One per map: branch names in the model's order, then `combined`. */
  readonly descriptors: readonly string[];
  /** Relative to the folder, by row. */
  readonly paths: readonly string[];
}

/** What the panel keeps of itself over a reload of the window. */
export interface SavedProjections {
  /** Absolute path. */
  readonly folder: string;
  readonly under: string;
  readonly parameters: ProjectionParameters;
}

/** What the panel shows of its folder. */
export interface ProjectionsShown {
  readonly state: ProjectionsState;
  readonly saved: SavedProjections;
  /** What the folder's maps were last coloured by; null is the folder. */
  readonly colour: ColumnChoice | null;
}

/** What can be done with selected images. */
export type SelectionAction = "findSimilar" | "open" | "reveal" | "copyPaths" | "export" | "label";

/** Of a larger selection, so many images make a query. */
export const MOST_EXAMPLES = 32;

/** What other parts of the window show at the moment; paths as in `images`. */
export interface ProjectionsHighlight {
  /** The image in the active editor; null for none, or one that is in no map. */
  readonly active: string | null;
  /** Of the similar panel. */
  readonly query: string | null;
  /** Of the similar panel, combined, from the best down. */
  readonly results: readonly string[];
}

/** Files that coordinates are written to. */
export type LayoutFormat = "csv" | "parquet" | "json";

export interface ProjectionsStart extends ProjectionsShown {
  readonly images: ProjectionsImages;
  /** The latest of each map. */
  readonly layouts: readonly ProjectionLayout[];
  readonly highlight: ProjectionsHighlight;
}

export interface ProjectionsRequests {
  /** First message of the page. */
  ready: { params: Record<string, never>; result: ProjectionsStart };
  /** `path` as it stands in `images`. */
  thumbnail: { params: { path: string; size: number }; result: PageThumbnail };
  /** The nearest in each descriptor space; empty while there are none yet. */
  neighbours: { params: { path: string; k: number }; result: Readonly<Record<string, readonly NearImage[]>> };
  open: { params: { path: string }; result: null };
  /** `paths` as they stand in `images`; what needs one image takes the first. */
  selection: { params: { action: SelectionAction; paths: readonly string[] }; result: null };
  /** Makes the maps again. */
  run: { params: { parameters: ProjectionParameters }; result: null };
  column: { params: { column: ColumnChoice }; result: ProjectionColumnResult };
  /** The folder's maps are coloured by this from now on; null is the folder. */
  colour: { params: { choice: ColumnChoice | null }; result: null };
  /** Tables beside the images, and those that were chosen. */
  tables: { params: Record<string, never>; result: readonly TableSummary[] };
  /** Lets the user choose a table; null where none was. */
  chooseTable: { params: Record<string, never>; result: TableSummary | null };
  /** Lets the user choose a place and writes the picture there. */
  savePicture: { params: { format: "png" | "svg"; bytes: Uint8Array }; result: null };
  /** Lets the user choose a place and writes the coordinates there. */
  saveLayout: { params: { format: LayoutFormat }; result: null };
  action: { params: { action: ProjectionsAction }; result: null };
}

export interface ProjectionsNotifications {
  state: ProjectionsShown;
  /** Other images: what was laid out before is of no use any more. */
  images: ProjectionsImages;
  layout: ProjectionLayout;
  highlight: ProjectionsHighlight;
  /** The user chose an action in the menu of the selection; the page answers with `selection`. */
  menu: { readonly action: SelectionAction };
}
