import type { GraphProto, NodeProto, TensorProto } from "onnx-buf";
import { TensorProto_DataType } from "onnx-buf";

/** A constant tensor of a graph. */
export interface ConstantTensor {
  readonly values: Float32Array;
  readonly dims: readonly number[];
}

/** Looks things up in a parsed graph. It describes the graph as it was when the view was made. */
export class GraphView {
  readonly #initializers: ReadonlyMap<string, TensorProto>;
  readonly #consumers = new Map<string, NodeProto[]>();
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: Pick<GraphProto, "node" | "initializer"> & Partial<Pick<GraphProto, "output">>) {
    this.#initializers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
    this.#outputs = new Set((graph.output ?? []).map(({ name }) => name));
    for (const node of graph.node) {
      for (const name of new Set(node.input)) {
        const known = this.#consumers.get(name);
        if (known === undefined) this.#consumers.set(name, [node]);
        else known.push(node);
      }
    }
  }

  /** The nodes that read a value. */
  consumers(name: string): readonly NodeProto[] {
    return this.#consumers.get(name) ?? [];
  }

  isOutput(name: string): boolean {
    return this.#outputs.has(name);
  }

  /** A constant int64 tensor; undefined for any other value. */
  ints(name: string): readonly number[] | undefined {
    const tensor = this.#initializers.get(name);
    if (tensor?.dataType !== TensorProto_DataType.INT64) return undefined;
    if (tensor.int64Data.length > 0) return tensor.int64Data.map(Number);
    return Array.from(new BigInt64Array(Uint8Array.from(tensor.rawData).buffer), Number);
  }

  /** Sizes of a constant of any type; undefined for any other value. */
  dims(name: string): readonly number[] | undefined {
    return this.#initializers.get(name)?.dims.map(Number);
  }

  /** A constant float32 tensor; undefined for any other value. */
  floats(name: string): ConstantTensor | undefined {
    const tensor = this.#initializers.get(name);
    if (tensor?.dataType !== TensorProto_DataType.FLOAT) return undefined;
    const dims = tensor.dims.map(Number);
    const { rawData, floatData } = tensor;
    // A copy: raw bytes of a parsed file need not begin at a multiple of four.
    const values =
      floatData.length > 0 ? Float32Array.from(floatData) : new Float32Array(Uint8Array.from(rawData).buffer);
    return values.length === dims.reduce((product, n) => product * n, 1) ? { values, dims } : undefined;
  }
}
