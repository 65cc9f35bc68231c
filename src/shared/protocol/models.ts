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
  /** An access token of the user's; the environment decides where absent. */
  readonly token?: string;
}

/** The networks of a model repository. */
export interface HubListing {
  /** `owner/model`. */
  readonly repo: string;
  /** The commit that was listed. */
  readonly commit: string;
  /** As the repository states it; `unknown` where it does not. */
  readonly licence: string;
  /** What else it states of licences, and which of them need a look before use. */
  readonly licences: readonly HubLicence[];
  /** In order of use: the first is the one that one would take. */
  readonly files: readonly HubWeights[];
}

export interface HubLicence {
  readonly text: string;
  readonly where: "card" | "configuration";
  /** `forbids`: no use in a product. `terms`: terms of its own. `none`: nothing is stated. */
  readonly flag: "forbids" | "terms" | "none" | null;
}

/** The hub wants to know who asks, or that its terms are accepted. */
export interface HubDenial {
  readonly denied: string;
}

/** A model on the hub that is worth a look. */
export interface HubChoice {
  readonly name: string;
  readonly repo: string;
  readonly file?: string;
  /** Its tower for words. */
  readonly text?: string;
  readonly goodAt: string;
  readonly licence: string;
  readonly megabytes: number;
}

export interface HubWeights {
  /** Inside the repository. */
  readonly path: string;
  /** With what it needs beside it. */
  readonly bytes: number;
  readonly precision: "float32" | "float16" | "int8" | "4 bits";
  /** Its tower for words, with its tokenizer; null where the repository has none for it. */
  readonly text: { readonly path: string; readonly bytes: number } | null;
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
  /** Path of its tower for words, which comes along; none where absent. */
  readonly text?: string;
}

export interface TransferProgress {
  readonly repo: string;
  readonly path: string;
  /** Bytes on this machine, of `total`. */
  readonly done: number;
  readonly total: number;
}

export interface HubRequests {
  /** What there is to choose from without knowing the hub. */
  "hub/catalogue": { params: Record<string, never>; result: readonly HubChoice[] };
  "hub/list": { params: HubAccess & { readonly repo: string }; result: HubListing | HubDenial };
  /** Downloads a network, makes a model of it and installs it; answers its name. What has arrived outlives a cancel. */
  "hub/install": { params: DownloadParams; result: string };
}

/** What a network in a foreign ONNX file can be made a model of. */
export interface NetworkReport {
  readonly file: string;
  readonly producer: string;
  readonly input: {
    readonly width: number;
    readonly height: number;
    /** Whether the file fixes the size. */
    readonly fixedSize: boolean;
    /** Sides that fit, where the file leaves the size open. */
    readonly sizes: readonly number[];
    /** It takes pixels of 0..255 and normalises by itself, so that there is no preprocessing to choose. */
    readonly normalises: boolean;
  };
  /** Feature maps and vectors, from the last to the first. */
  readonly values: readonly NetworkValue[];
  /** Tensor of the one that is recognised as the right one. */
  readonly chosen: string;
  readonly preprocessing: {
    readonly name: string;
    readonly order: ChannelOrder;
    /** Per channel in that order, of pixels in 0..1. */
    readonly mean: readonly number[];
    readonly std: readonly number[];
    /** Where this was read from. */
    readonly because: string;
    /** Otherwise it is a guess. */
    readonly certain: boolean;
  };
  /** Names of the preprocessings that can be chosen. */
  readonly presets: readonly string[];
  /** Of the weights, as the card beside the file says; null where nothing says it. */
  readonly licence: string | null;
  /** What of the files beside it is not followed, and why the recognised value is not what one would expect; for people. */
  readonly notes: readonly string[];
  /** A tower for words that lies beside it; null where there is none. */
  readonly text: string | null;
}

/** Nothing of a network is taken unasked. */
export interface NetworkRefusal {
  readonly refused: string;
  /** Tensors that can be named. */
  readonly values: readonly string[];
}

/** A feature map, or a vector per image. */
export interface NetworkValue {
  readonly tensor: string;
  /** The operator that makes it. */
  readonly op: string;
  /** Of a row of patch tokens, whose shape is that of the map they make: how many others (class, registers) are left out; else null. */
  readonly tokens: number | null;
  /** One layer makes it of the image. */
  readonly firstLayer: boolean;
  /** `[channels, height, width]` of a map, `[dim]` of a vector. */
  readonly shape: readonly number[];
}

export type ChannelOrder = "rgb" | "bgr";

/** What a network wants to be fed: a preset, or figures per channel in its order, of pixels in 0..1. */
export type PreprocessingChoice =
  | { readonly name: string; readonly order: ChannelOrder }
  | { readonly mean: readonly number[]; readonly std: readonly number[]; readonly order: ChannelOrder };

export interface ImportParams {
  readonly file: string;
  /** Of the value to take. */
  readonly tensor: string;
  /** Such as `SMG`; null for a vector, which becomes the one branch itself. */
  readonly descriptors: string | null;
  /** null: as recognised. */
  readonly preprocessing: PreprocessingChoice | null;
  /** Width and height of the input in pixels, for networks that take any; as reported where absent. */
  readonly size?: number;
  /** File of the tower for words that was trained with it; none where absent. */
  readonly text?: string;
  /** Under which the model is installed. */
  readonly name: string;
}

export interface ImportSummary {
  readonly name: string;
  /** The network takes one image at a time, so that the model runs those of a batch one by one. */
  readonly oneByOne: boolean;
  /** Images that it was checked on. */
  readonly checked: number;
}

export interface ImportRequests {
  /** `tensor` is the value that is to be taken; the one that is recognised where absent. */
  "import/inspect": {
    params: { readonly file: string; readonly size?: number; readonly tensor?: string };
    result: NetworkReport | NetworkRefusal;
  };
  /** Makes a model of a network, checks it, and installs it. */
  "import/install": { params: ImportParams; result: ImportSummary };
}
