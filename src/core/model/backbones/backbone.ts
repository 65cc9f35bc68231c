import type { Backbone, InputSpec, WeightsOrigin } from "../../../shared/index.ts";
import type { GraphBuilder } from "../../onnx/index.ts";

/** A network that can be written into a graph. */
export interface BackboneSource {
  readonly backbone: Backbone;
  readonly weights: WeightsOrigin;
  /** Side of the square input, in pixels. */
  readonly inputSize: number;
  /** Height of an input that is not square; `inputSize` is its width then. */
  readonly inputHeight?: number;
  /** How pictures come to that size; squashed where absent. */
  readonly resizing?: Pick<InputSpec, "resize" | "kernel"> | undefined;
  /** Whether its maps have values of both signs, as tokens have: GeM and wGeM then shift each channel by its minimum. */
  readonly signed?: boolean;
  /**
   * Adds the network.
   * @param pixels float32 `[N, 3, height, width]`, RGB, 0..255
   * @returns names of the taps' feature maps, float32 `[N, C, h, w]`, in the order of `backbone.taps`; of a tap for a
   *   Vector, `[N, C]`
   */
  addTo(graph: GraphBuilder, pixels: string): readonly string[];
}
