import type { ModelScore } from "./modelScore.ts";

/**
 * What a model file says of itself. A model is one `.onnx` file: input `image` uint8 `[N, H, W, 3]` RGB; one output per
 * branch, by descriptor name, float32 `[N, dim]` with rows of norm 1; `combined` `[N, sum of dims]`; `features`
 * `[N, C, h, w]`, or `features_0`, `features_1`, ... where the branches pool several taps. The manifest lies in the
 * file's `metadata_props` under the key `lookalike`, as JSON.
 */
export interface ModelManifest {
  /** Version of this format. Readers refuse a number they do not know. */
  readonly format: 1;
  readonly name: string;
  readonly backbone: Backbone;
  /** One to eight, in an order that matters: the first one feeds the auxiliary classifier in training. */
  readonly descriptors: readonly Branch[];
  readonly input: InputSpec;
  readonly weights: WeightsOrigin;
  /** How the weights were trained or adapted after their origin; null where they were not. */
  readonly training: TrainingProvenance | null;
  /** How the numbers are stored and computed; float32 where absent. */
  readonly precision?: Precision;
  /** How an int8 model was made from a float one. */
  readonly quantization?: QuantizationProvenance;
  /** What words can be searched by; absent where the model has no text tower. */
  readonly text?: TextLink;
  /** Names of the branches that a second network gives; absent where there is one network. */
  readonly second?: readonly string[];
  /** Names of the branches that are computed from pixels without a network; absent where there are none. */
  readonly handcrafted?: readonly string[];
}

/** A text tower lies in a file of its own beside the model. */
export interface TextLink {
  /** Name of the branch whose space its words share. It stays as the network gives it: no head comes behind it. */
  readonly branch: string;
  /** SHA-256 of the tower's file, hex. */
  readonly tower: string;
}

/** In which form a model with an int8 form beside it is used: `auto` stays with what a folder was indexed in. */
export const FORM_CHOICES = ["auto", "float", "int8"] as const;

export type FormChoice = (typeof FORM_CHOICES)[number];

/** Where the int8 form of a model lies: beside it. @param file the model's, `.onnx` */
export function int8FileOf(file: string): string {
  return file.replace(/(\.onnx)?$/, ".int8.onnx");
}

/** `float16` is a form of storage only: the graph computes in float32. `int8` is the backbone's convolutions. */
export type Precision = "float32" | "float16" | "int8";

export interface QuantizationProvenance {
  readonly method: string;
  /** Images that the ranges of the activations were taken from. */
  readonly images: number;
  /** Fingerprint of the float model. */
  readonly source: string;
}

export interface Backbone {
  readonly name: string;
  readonly lastDownsampling: "kept" | "removed";
  /** The feature maps that branches pool, each `[channels, height, width]` per image. */
  readonly taps: readonly Tap[];
}

export interface Tap {
  readonly name: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A branch: a descriptor with its FC (or none) and L2. */
export interface Branch {
  /** Output name in the graph and key in every result, lower case: `spoc`, `mac`, `gem`. */
  readonly name: string;
  readonly kind: DescriptorKind;
  /** Length of the branch's embedding. */
  readonly dim: number;
  /** Index into `backbone.taps`. */
  readonly tap: number;
  /** Exponent of GeM and wGeM; where each channel has its own, their range. Absent for the other kinds. */
  readonly p?: number | ExponentRange;
  /**
   * What GeM and wGeM do with values below zero, which x^p is not defined for: `shift` takes each channel's minimum away
   * before the power and adds it afterwards. Where absent they are cut off, as suits maps behind a ReLU.
   */
  readonly signed?: "shift";
  /** Levels of regions of R-MAC; absent for the other kinds. */
  readonly levels?: number;
  /** Attention before the pooling. */
  readonly attention?: AttentionKind;
  /** The FC; absent where the embedding is the pooled vector itself. */
  readonly fc?: { readonly bias: boolean };
}

/**
 * In the order in which a list of them reads best. `Vector` is an imported network's own embedding instead of a pooled
 * feature map: its tap is `dim` x 1 x 1, and a model of this kind has no output `features`.
 */
export const DESCRIPTOR_KINDS = ["SPoC", "MAC", "GeM", "CroW", "wGeM", "RMAC", "Vector"] as const;

export type DescriptorKind = (typeof DESCRIPTOR_KINDS)[number];

export const ATTENTION_KINDS = ["SE", "CBAM"] as const;

/** Squeeze-excitation, or the convolutional block attention module. */
export type AttentionKind = (typeof ATTENTION_KINDS)[number];

/** Of the exponents of all channels. */
export interface ExponentRange {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

/** How an image file becomes the graph's `image` input. Normalising happens inside the graph. */
export interface InputSpec {
  readonly width: number;
  readonly height: number;
  readonly resize: ResizeRule;
  /** What pixels are computed with when the size changes; Lanczos where absent. */
  readonly kernel?: ResizeKernel;
  /** RGB, 0..255, put behind transparent pixels. */
  readonly background: readonly [number, number, number];
}

/**
 * How a picture comes to the size of the input. `squash` resizes to width x height without keeping the aspect ratio. The
 * others are what image transformers are trained with: a resize (without keeping the aspect ratio, or to a shortest side),
 * of which the centre is cut out; or the whole picture within the input, and the rest filled.
 */
export type ResizeRule =
  | "squash"
  | { readonly fit: "squash"; readonly width: number; readonly height: number; readonly halves: CropHalves }
  | { readonly fit: "shortest"; readonly side: number; readonly halves: CropHalves }
  | { readonly fit: "longest"; readonly fill: readonly [number, number, number]; readonly place: "centre" | "corner" };

/** Where the centre of an odd rest begins: always rounded down (transformers), or to the even number (torchvision). */
export type CropHalves = "down" | "even";

export const RESIZE_KERNELS = ["nearest", "bilinear", "bicubic", "lanczos"] as const;

export type ResizeKernel = (typeof RESIZE_KERNELS)[number];

export interface WeightsOrigin {
  readonly source: string;
  readonly version: string;
  readonly licence: string;
}

/** How a model was made from another one. */
export interface TrainingProvenance {
  readonly method: string;
  /** Images that it was fitted or trained on. */
  readonly images: number;
  /** Fingerprint of the model that it started from. */
  readonly base?: string;
  /** Name of the folder, and its classes that were trained on. */
  readonly data?: { readonly folder: string; readonly classes: number };
  /** What was held out. */
  readonly split?: {
    readonly by: "class" | "image";
    readonly testClasses: number;
    readonly testImages: number;
    readonly seed: number;
  };
  /** Names of the losses in their sum; none where no gradient was used. */
  readonly losses?: readonly string[];
  readonly epochs?: number;
  /**
   * Base64 of the first 6 bytes of the SHA-256 of each file that labels were learned from, sorted: by this model, and by those that
   * it came from. Absent where none were, or where they were not kept.
   */
  readonly seen?: string;
  /** On the held-out images, as fractions, by branch name and `combined`: of the model it started from, and its own. */
  readonly scores?: {
    readonly metric: "recall@1";
    readonly baseline: Readonly<Record<string, number>>;
    readonly trained: Readonly<Record<string, number>>;
  };
}

/** The part of a model that results carry, so that a reader knows what made the numbers. */
export interface ModelSummary {
  readonly name: string;
  /** SHA-256 of the model file, hex. */
  readonly fingerprint: string;
  /** Branch names in the model's order. */
  readonly descriptors: readonly string[];
  /** The branch that words can be searched in; absent where the model has no text tower. */
  readonly words?: string;
}

/** Ends the name of a model that was adapted to a folder. */
export const ADAPTED_SUFFIX = "+adapted";

/** What the int8 form adds to a model's name, before that of an adapted one. */
export const INT8_PART = /-int8(?=$|\+)/;

/** Images that an adaptation takes, at least: fewer tell too little. */
export const MIN_ADAPTED = 24;

/** A model that can be chosen; also an entry of `lookalike model list --json`. */
export interface InstalledModel {
  /** Under which it is chosen; unique. */
  readonly name: string;
  readonly file: string;
  /** Comes with the product. */
  readonly builtIn: boolean;
  /** In use for the folder that was asked about. */
  readonly selected: boolean;
  /** Size of the file. */
  readonly bytes: number;
  /** null where the file cannot be used; then `problem` says why. */
  readonly manifest: ModelManifest | null;
  readonly fingerprint: string | null;
  readonly problem: string | null;
  /** What was measured of it on this machine, the latest last. */
  readonly scores: readonly ModelScore[];
}
