import type { NodeProto } from "onnx-buf";
import type { GraphBuilder } from "../../../onnx/index.ts";
import type { Dims } from "../../attributes.ts";
import type { Known } from "./known.ts";

/** A graph that is being written in few operators. */
export interface Writer {
  op(...node: Parameters<GraphBuilder["op"]>): string;
  scalar(value: number): string;
  ints(values: readonly number[]): string;
  floats(values: Float32Array, dims: Dims): string;
  /** Sizes of a value, for each of two batches. */
  sizes(value: string): readonly [Dims, Dims] | undefined;
  /** What no picture changes, and no number of pictures. */
  known(value: string): Known | undefined;
  /** The same values in other sizes, given for each of two batches. */
  reshape(value: string, to: readonly [Dims, Dims], output?: string): string;
  /** From now on a value stands for another. */
  alias(output: string, value: string): void;
  /** Which operator makes a value, of those that were written. */
  producer(value: string): NodeProto | undefined;
  /** Of the network's default operators. */
  readonly opset: number;
}
