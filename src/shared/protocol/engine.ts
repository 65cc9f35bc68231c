/**
 * The link between a front end (extension host) and the engine, as one map of methods. Requests are JSON-RPC requests
 * (vscode-jsonrpc): they can be cancelled, and reject with an `Error` whose message is fit for a user.
 */

import type { DeviceChoice, DeviceReport } from "../device.ts";
import type { FileFilter } from "../files.ts";
import type { FolderParams } from "../folder.ts";
import type { FormChoice, ModelSummary } from "../model.ts";
import type { IndexProgress, IndexSummary } from "../results.ts";
import type { SetupReport } from "../setup.ts";
import type { EvaluationNotifications, EvaluationRequests } from "./evaluation.ts";
import type { IndexRequests } from "./indexes.ts";
import type { HubRequests, ImportRequests, ModelRequests, TransferProgress } from "./models.ts";
import type { ProjectionNotifications, ProjectionRequests } from "./projection.ts";
import type { QueryNotifications, QueryRequests } from "./query.ts";
import type { TrainingRequests } from "./training.ts";

/** Error code of a request that ended because it was cancelled (the number that the Language Server Protocol uses). */
export const REQUEST_CANCELLED = -32800;

/** Error code of an indexing run that found nearly all images gone at once, and removed nothing; the data is a `Vanished`. */
export const IMAGES_VANISHED = 1;

/** Error code of a request that a database refused for want of a password, or of another one. */
export const PASSWORD_WANTED = 2;

/** How many of the indexed images of a folder are gone. */
export interface Vanished {
  readonly gone: number;
  readonly indexed: number;
}

export interface IndexParams extends FolderParams {
  /** Embed everything again; what is there stays until its replacement is. */
  readonly rebuild?: boolean;
  /** Whether a second network may join the model where it is adapted; where absent, only one that had joined before. */
  readonly second?: boolean;
  /** The same of branches that need no network. */
  readonly handcrafted?: boolean;
  /** Forgets images that are gone even where nearly all of them are. */
  readonly acceptRemoved?: boolean;
  /** Also stores thumbnails in a database, for machines that do not have the files. */
  readonly shareThumbnails?: boolean;
  /** Which files are indexed; all images where absent. */
  readonly filter?: FileFilter;
}

export interface ThumbnailParams extends FolderParams {
  /** Absolute path of the image. */
  readonly image: string;
  /** Longest side in pixels. */
  readonly size: number;
}

export type PictureParams = Pick<ThumbnailParams, "image" | "size" | "decodeSeconds">;

export interface Thumbnail {
  /** A WebP file. */
  readonly bytes: Uint8Array;
  /** Of the original image after EXIF orientation, in pixels. */
  readonly width: number;
  readonly height: number;
}

export interface FolderStatus {
  readonly folder: string;
  /** Images that can be found. */
  readonly indexed: number;
  readonly skipped: number;
  readonly device: string;
  readonly deviceReport: DeviceReport;
  readonly model: ModelSummary;
  /** What the request named as its `model`; absent where it left the choice to the folder. */
  readonly asked?: string;
  /** Where the index lies. */
  readonly location: string;
  /** Running now. */
  readonly progress: IndexProgress | null;
  /** Told unasked, since somebody else changed the index. */
  readonly byOthers?: true;
}

export interface SetupParams {
  /** Absolute path of an indexed folder to look at as well. */
  readonly folder?: string;
  readonly location?: string;
  readonly device?: DeviceChoice;
  readonly adapt?: boolean;
  readonly form?: FormChoice;
  /** Try the devices again instead of telling what was found out before. */
  readonly fresh?: boolean;
}

export interface EngineRequests
  extends ModelRequests,
    IndexRequests,
    HubRequests,
    ImportRequests,
    ProjectionRequests,
    QueryRequests,
    EvaluationRequests,
    TrainingRequests {
  "folder/status": { params: FolderParams; result: FolderStatus };
  /** Joins the run in progress where there is one; cancelling the last caller cancels the run. */
  "folder/index": { params: IndexParams; result: IndexSummary };
  /** Looks at everything that Lookalike needs; what does not work is in the result. */
  "setup/check": { params: SetupParams; result: SetupReport };
  "image/thumbnail": { params: ThumbnailParams; result: Thumbnail };
  /** An image file as it is looked at by itself, whether or not an index knows it. */
  "image/picture": { params: PictureParams; result: Thumbnail };
}

export interface EngineNotifications extends ProjectionNotifications, QueryNotifications, EvaluationNotifications {
  /**
   * At most a few times a second while a folder is indexed, and once at its end with `progress: null`; with `byOthers` after somebody
   * else changed the index.
   */
  "folder/changed": FolderStatus;
  /** A few times a second while weights are downloaded. */
  "models/transfer": TransferProgress;
  log: { readonly level: "debug" | "info" | "warn" | "error"; readonly message: string };
}
