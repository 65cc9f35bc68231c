/** The part of the engine's link that is about installed models, and where others come from. */

import type { InstalledModel } from "../model.ts";

/** Where a choice of a model holds: in one folder, or where absent in all without a choice of their own. */
export interface ModelScope {
  /** Absolute path. */
  readonly folder?: string;
}

export interface ModelRequests {
  /** `selected` is as for the folder. */
  "models/list": { params: ModelScope; result: readonly InstalledModel[] };
  /** null takes the choice back. */
  "models/select": { params: ModelScope & { readonly name: string | null }; result: null };
  /** Copies a model file among the installed ones, under its own name where none is given; answers that name. */
  "models/install": { params: { readonly file: string; readonly name?: string }; result: string };
  "models/rename": { params: { readonly name: string; readonly to: string }; result: null };
  "models/remove": { params: { readonly name: string }; result: null };
  /** Why a text is no list of descriptors; null where it is one. */
  "models/checkDescriptors": { params: { readonly text: string }; result: string | null };
  "models/export": { params: { readonly name: string; readonly file: string }; result: null };
}

/** How the engine reaches a model hub. */
export interface HubAccess {
  /** URL of an HTTP proxy; the environment decides where absent. */
  readonly proxy?: string;
  /** Base URL of the hub; the environment decides where absent, else it is the public one. */
  readonly endpoint?: string;
}

/** The weights files of a model repository. */
export interface HubListing {
  /** `owner/model`. */
  readonly repo: string;
  /** The commit that was listed. */
  readonly commit: string;
  /** As the repository states it; `unknown` where it does not. */
  readonly licence: string;
  readonly files: readonly HubWeights[];
}

export interface HubWeights {
  /** Inside the repository. */
  readonly path: string;
  readonly bytes: number;
}

export interface DownloadParams extends HubAccess {
  readonly repo: string;
  /** As it was listed, so that what is downloaded is what was shown. */
  readonly commit: string;
  readonly path: string;
  /** Under which the model is installed. */
  readonly name: string;
  /** Such as `SMG`. */
  readonly descriptors: string;
}

export interface TransferProgress {
  readonly repo: string;
  readonly path: string;
  /** Bytes on this machine, of `total`. */
  readonly done: number;
  readonly total: number;
}

export interface HubRequests {
  /** Names of the backbones that can be had from the hub, with a repository for each. */
  "hub/backbones": { params: Record<string, never>; result: Readonly<Record<string, string>> };
  "hub/list": { params: HubAccess & { readonly repo: string }; result: HubListing };
  /** Downloads weights, builds a model on them and installs it; answers its name. What has arrived outlives a cancel. */
  "hub/install": { params: DownloadParams; result: string };
}
