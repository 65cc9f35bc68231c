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
  /** GeM's exponent; absent for the other kinds. */
  readonly p?: number;
}

/**
 * `Vector` is an imported network's own embedding instead of a pooled feature map: its tap is `dim` x 1 x 1, and a model
 * of this kind has no output `features`.
 */
export type DescriptorKind = "SPoC" | "MAC" | "GeM" | "Vector";

/** How an image file becomes the graph's `image` input. Normalising happens inside the graph. */
export interface InputSpec {
  readonly width: number;
  readonly height: number;
  /** `squash` resizes to width x height without keeping the aspect ratio. */
  readonly resize: "squash";
  /** RGB, 0..255, put behind transparent pixels. */
  readonly background: readonly [number, number, number];
}

export interface WeightsOrigin {
  readonly source: string;
  readonly version: string;
  readonly licence: string;
}

export interface TrainingProvenance {
  readonly method: string;
  readonly images: number;
}

/** The part of a model that results carry, so that a reader knows what made the numbers. */
export interface ModelSummary {
  readonly name: string;
  /** SHA-256 of the model file, hex. */
  readonly fingerprint: string;
  /** Branch names in the model's order. */
  readonly descriptors: readonly string[];
}
