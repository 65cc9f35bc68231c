import type { DeviceUse, TrainingOptions, TrainingProvenance } from "../../shared/index.ts";

/** The losses of a step (arXiv 1903.10663, section 3.3): ranking on combined, classification on the first descriptor. */
export type LossOptions = Pick<
  TrainingOptions,
  "ranking" | "margin" | "classification" | "labelSmoothing" | "temperature" | "rankingWeight" | "classificationWeight"
>;

export interface StepReport {
  readonly loss: number;
  readonly rankingLoss: number;
  readonly classificationLoss: number;
  /** Share of triplets (pairs) of the batch that give a gradient, 0..1. */
  readonly active: number;
}

/** Named float32 tensors: the parameters, and the optimiser's two moments of each (`<name>/m`, `<name>/v`), and `t`. */
export type TrainingState = ReadonlyMap<string, Float32Array>;

/**
 * A network in training: one ONNX graph holds forward, backward and Adam. The same state, batches and learning rates
 * give the same bits on the CPU.
 * @typeParam Input of a batch: pooled vectors for a head, pixels for the whole network
 */
export interface TrainingStep<Input> {
  /** Images per batch, classes * images per class; fixed. */
  readonly batch: number;
  readonly device: DeviceUse;
  /** @param labels one per image, 0..classes - 1 of the auxiliary classifier */
  run(input: Input, labels: Int32Array, learningRate: number): Promise<StepReport>;
  /** Embeddings of each branch, float32 `[n, dim]` with rows of norm 1, for any number of images. */
  embed(input: Input, n: number): Promise<Float32Array[]>;
  /** A copy of everything that `restore` needs to go on bit for bit. */
  state(): TrainingState;
  restore(state: TrainingState): void;
  /** Mean exponent of each branch that has one, by branch name. */
  exponents(): Readonly<Record<string, number>>;
  /** The model as it is now, a whole file, without the auxiliary classifier. */
  toModel(name: string, training: TrainingProvenance): Uint8Array;
  close(): Promise<void>;
}

/** Of a head: per branch, the frozen branch's embeddings `[n, dim of the branch]`, rows of norm 1. */
export type HeadInput = readonly Float32Array[];
/** Of the whole network: uint8 `[n, H, W, 3]` RGB. */
export type PixelInput = Uint8Array;
