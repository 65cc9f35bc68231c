import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";

/** Opset 17 and IR 8: old enough for every execution provider, new enough for every operator used here. */
const OPSET = 17n;
const IR_VERSION = 8n;

export type ElementType = "float32" | "float64" | "uint8" | "int64";

/** Sizes of a tensor's axes; a name stands for a size that is only known at run time. */
export type Shape = readonly (number | string)[];

export type Attribute = number | string | readonly number[] | { readonly float: number };

const DATA_TYPES: Readonly<Record<ElementType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  uint8: TensorProto_DataType.UINT8,
  int64: TensorProto_DataType.INT64,
};

/** Writes an ONNX graph node by node. Values are referred to by name; `op` makes the names up where none is given. */
export class GraphBuilder {
  readonly #name: string;
  readonly #prefix: string;
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  #count = 0;

  /** @param prefix of the names that are made up, where nodes are to be added to another graph */
  constructor(name: string, prefix = "") {
    this.#name = name;
    this.#prefix = prefix;
  }

  input(name: string, type: ElementType, shape: Shape): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  output(name: string, type: ElementType, shape: Shape): void {
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** Adds a constant float32 tensor. */
  floats(values: Float32Array, dims: readonly number[]): string {
    return this.#constant(TensorProto_DataType.FLOAT, bytesOf(values), dims);
  }

  /** Adds a constant int64 vector. */
  ints(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant(TensorProto_DataType.INT64, bytesOf(data), [values.length]);
  }

  /** Adds a constant float32 scalar. */
  scalar(value: number): string {
    return this.floats(Float32Array.of(value), []);
  }

  /**
   * Adds a node with one output, and returns that output's name.
   * @param attributes whole numbers are written as ints; use `{ float }` for an attribute of type float
   */
  op(type: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, output?: string): string {
    const [name] = this.ops(type, inputs, attributes, [output ?? this.#fresh(type)]);
    return name!;
  }

  /** Adds a node with several outputs, and returns their names. */
  ops(
    type: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute>,
    outputs: readonly string[],
  ): readonly string[] {
    const node = create(NodeProtoSchema, {
      opType: type,
      name: outputs[0] ?? type,
      input: [...inputs],
      output: [...outputs],
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    this.#nodes.push(node);
    return outputs;
  }

  /** Takes over nodes and constants of another graph under the names that they have there. */
  adopt(nodes: readonly NodeProto[], initializers: readonly TensorProto[]): void {
    this.#nodes.push(...nodes);
    this.#initializers.push(...initializers);
  }

  /** What was added, to be put into another graph. */
  parts(): {
    readonly nodes: readonly NodeProto[];
    readonly initializers: readonly TensorProto[];
    readonly outputs: readonly ValueInfoProto[];
  } {
    return { nodes: this.#nodes, initializers: this.#initializers, outputs: this.#outputs };
  }

  /** @param metadata goes into the file's `metadata_props` */
  encode(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    const model: ModelProto = create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      opsetImport: [{ domain: "", version: OPSET }],
      producerName: "lookalike",
      graph: create(GraphProtoSchema, {
        name: this.#name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      }),
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
    return toBinary(ModelProtoSchema, model);
  }

  #constant(dataType: TensorProto_DataType, rawData: Uint8Array<ArrayBuffer>, dims: readonly number[]): string {
    const name = this.#fresh("constant");
    this.#initializers.push(create(TensorProtoSchema, { name, dataType, rawData, dims: dims.map(BigInt) }));
    return name;
  }

  #fresh(prefix: string): string {
    this.#count++;
    return `${this.#prefix}${prefix}_${this.#count}`;
  }
}

function bytesOf(values: Float32Array | BigInt64Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

function valueInfo(name: string, type: ElementType, shape: Shape): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === "number"
        ? { case: "dimValue" as const, value: BigInt(size) }
        : { case: "dimParam" as const, value: size },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: { elemType: DATA_TYPES[type], shape: { dim } } } },
  });
}

function attribute(name: string, value: Attribute): AttributeProto {
  if (typeof value === "number") {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
  }
  if (typeof value === "string") {
    const s = new TextEncoder().encode(value);
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRING, s });
  }
  if ("float" in value) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.float });
  }
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) });
}
