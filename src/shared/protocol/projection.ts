/** The part of the engine's protocol that makes projections: the maps stream in while the request runs. */
import type { ColumnChoice, ColumnNotes, ImageColumn, TableSummary } from "../columns.ts";
import type { FolderParams } from "../folder.ts";
import type { ProjectionParameters, ProjectionSummary } from "../projection.ts";

export interface ProjectionRunParams extends FolderParams {
  /** Chosen by whoever asks; what streams in carries it, so that reports of an earlier run are told apart. */
  readonly run: number;
  readonly parameters: ProjectionParameters;
}

export interface ProjectionResult {
  /** Relative to the folder, with `/`. Row i is the same image in every map. */
  readonly paths: readonly string[];
  /** By branch name and `combined`: float32 `[count, 2]`. */
  readonly maps: Readonly<Record<string, Float32Array>>;
  readonly summary: ProjectionSummary;
}

export interface ProjectionNeighboursParams extends FolderParams {
  /** Of the run that made the maps. */
  readonly parameters: ProjectionParameters;
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Length of each list; at most as many as the projection keeps. */
  readonly k: number;
}

/** An image near to another one in a descriptor space, not in the map. */
export interface NearImage {
  readonly path: string;
  /** Cosine. */
  readonly score: number;
}

export interface ProjectionColumnParams extends FolderParams {
  /** Of the run that made the maps. */
  readonly parameters: ProjectionParameters;
  readonly column: ColumnChoice;
}

export interface ProjectionColumnResult {
  readonly column: ImageColumn;
  /** Of a table; null for what needs none. */
  readonly notes: ColumnNotes | null;
}

export interface ProjectionTablesParams extends FolderParams {
  /** Part of the folder whose tables are looked for as well, relative with `/`; empty is none. */
  readonly under: string;
  /** Absolute paths of tables that were chosen by hand. */
  readonly files: readonly string[];
  /** Whether tables that lie beside the images are opened as well: never without trust, since nobody chose them. */
  readonly beside: boolean;
}

export interface ProjectionExportParams extends FolderParams {
  /** Of the run that made the maps. */
  readonly parameters: ProjectionParameters;
  /** Absolute path; its ending chooses the format. */
  readonly file: string;
  /** Only these images; all where null. */
  readonly paths: readonly string[] | null;
  /** In CSV, paths that a spreadsheet would take for formulas are marked as text. */
  readonly guardFormulas: boolean;
}

export interface LabelImagesParams {
  /** Absolute path of a CSV file with `path` and `label`; made where it is not there. */
  readonly file: string;
  /** As they are to stand in the file. */
  readonly paths: readonly string[];
  readonly label: string;
}

export interface ProjectionRequests {
  /** A value per image, to colour the maps by. */
  "projection/column": { params: ProjectionColumnParams; result: ProjectionColumnResult };
  /** Tables of images beside the images, and those chosen by hand, which come first. */
  "projection/tables": { params: ProjectionTablesParams; result: readonly TableSummary[] };
  /** Writes coordinates; how many images. */
  "projection/export": { params: ProjectionExportParams; result: { readonly images: number } };
  /** Gives images a label in a file; how many rows the file has then. */
  "labels/write": { params: LabelImagesParams; result: { readonly rows: number } };
  /** Makes the maps of what is indexed, or reads those that were kept. Cancelled, it keeps nothing. */
  "projection/run": { params: ProjectionRunParams; result: ProjectionResult };
  /** By branch name and `combined`, from the best down; empty lists for an image that is in no map. */
  "projection/neighbours": {
    params: ProjectionNeighboursParams;
    result: Readonly<Record<string, readonly NearImage[]>>;
  };
}

export interface ProjectionNotifications {
  /** Before the first layout of a run. */
  "projection/images": {
    readonly run: number;
    /** Branch names in the model's order, then `combined`. */
    readonly descriptors: readonly string[];
    /** By row. */
    readonly paths: readonly string[];
  };
  /** A map on its way, a few times a second. */
  "projection/layout": ProjectionLayout & { readonly run: number };
  "projection/progress": ProjectionStep & { readonly run: number };
}

export interface ProjectionLayout {
  readonly descriptor: string;
  /** `pca` is the first view, `umap` the map as it grows. */
  readonly method: "pca" | "umap";
  /** 0..1; 1 is the map as it stays. */
  readonly done: number;
  /** float32 `[count, 2]`; points that are not placed yet are NaN. */
  readonly points: Float32Array;
}

export interface ProjectionStep {
  readonly phase: "reading" | "neighbours" | "layout" | "quality";
  /** 0..1 of the phase. */
  readonly done: number;
}
