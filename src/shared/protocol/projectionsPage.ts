/**
 * The link between the extension host and the projections page. The host sends what changed and, to a page that asks for
 * it with `ready`, everything. Every message from the page is validated at the host.
 */
import type { ProjectionSummary } from "../projection.ts";
import type { PageThumbnail } from "./page.ts";
import type { NearImage, ProjectionLayout, ProjectionStep } from "./projection.ts";

export interface ProjectionsState {
  /** Name of the indexed folder. */
  readonly folder: string;
  /** The part of it that is shown, relative with `/`; empty is all. */
  readonly under: string;
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

export type ProjectionsAction = "indexFolder" | "manageTrust" | "run" | "retry" | "showLog" | "stop";

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
}

export interface ProjectionsStart {
  readonly state: ProjectionsState;
  readonly images: ProjectionsImages;
  /** The latest of each map. */
  readonly layouts: readonly ProjectionLayout[];
  readonly saved: SavedProjections;
  /** What the page shows, by English text. */
  readonly strings: Readonly<Record<string, string>>;
}

export interface ProjectionsRequests {
  /** First message of the page. */
  ready: { params: Record<string, never>; result: ProjectionsStart };
  /** `path` as it stands in `images`. */
  thumbnail: { params: { path: string; size: number }; result: PageThumbnail };
  /** The nearest in each descriptor space; empty while there are none yet. */
  neighbours: { params: { path: string; k: number }; result: Readonly<Record<string, readonly NearImage[]>> };
  open: { params: { path: string }; result: null };
  findSimilar: { params: { path: string }; result: null };
  action: { params: { action: ProjectionsAction }; result: null };
}

export interface ProjectionsNotifications {
  state: { readonly state: ProjectionsState; readonly saved: SavedProjections };
  /** Other images: what was laid out before is of no use any more. */
  images: ProjectionsImages;
  layout: ProjectionLayout;
}
