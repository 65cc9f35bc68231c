import type { GraphBuilder } from "../../onnx/index.ts";
import { ModelError } from "../errors.ts";

/**
 * Adds learned weights as a constant.
 * @param what they are, for the message
 * @throws ModelError where their number does not fit `dims`, or one of them is not finite
 */
export function addWeights(graph: GraphBuilder, what: string, values: Float32Array, dims: readonly number[]): string {
  const expected = dims.reduce((product, n) => product * n, 1);
  if (values.length !== expected) {
    throw new ModelError(`The ${what} hold ${values.length} values where the model needs ${expected}.`);
  }
  if (!values.every(Number.isFinite)) {
    throw new ModelError(`The ${what} hold a value that is not a finite number. The training that made them failed.`);
  }
  return graph.floats(values, dims);
}
