import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { ModelError } from "../errors.ts";
import { type ForeignGraph, valuesFrom } from "./graph.ts";
import { CAST_TO, type SizedInput } from "./imageInput.ts";
import type { ForeignModel } from "./readFile.ts";
import { type OutputInfo, withSession } from "./session.ts";

export interface Measured {
  readonly dims: readonly number[];
  readonly type: "float32" | "float16";
}

/** Elements of one value for one image. No network for images comes near; damaged sizes go far beyond. */
const MAX_ELEMENTS = 2 ** 26;

/**
 * Shapes of the values with one vector, one row of tokens or one feature map per image, for one image, by running the network with all its
 * values as outputs.
 * @throws ModelError where it cannot be run, or would need more memory than any network for images does
 */
export async function measure(
  foreign: ForeignModel,
  graph: ForeignGraph,
  input: SizedInput,
): Promise<Map<string, Measured>> {
  const dependent = valuesFrom(graph, input.name);
  const options = { file: foreign.file, optimise: false };
  return withSession(withOutputs(foreign, graph, input), options, async (session) => {
    const wanted = session.outputs.flatMap(({ name, type, shape }) => {
      if (shape === undefined) return [];
      refuseHuge({ name, shape }, foreign.file);
      // An empty shape stands for one that is not known before running.
      const wantedRank = dependent.has(name) && [0, 2, 3, 4].includes(shape.length);
      return wantedRank && (type === "float32" || type === "float16") ? [name] : [];
    });
    const data = Float32Array.from({ length: 3 * input.width * input.height }, (_, i) => Math.sin(i * i));
    const feeds = { [PROBE]: { type: "float32" as const, data, dims: inputDims(input) } };
    const outputs = wanted.length === 0 ? {} : await session.shapes(feeds, wanted);
    return new Map(
      Object.entries(outputs).flatMap(([name, { dims, type }]) =>
        type === "float32" || type === "float16" ? [[name, { dims, type }] as const] : [],
      ),
    );
  });
}

/** The runtime knows nearly all shapes without running. Past what the machine has, running would take its memory. */
function refuseHuge({ name, shape }: Required<Omit<OutputInfo, "type">>, file: string): void {
  const elements = shape.reduce<number>((product, size) => product * (typeof size === "number" ? size : 1), 1);
  if (elements <= MAX_ELEMENTS) return;
  throw new ModelError(
    `${file} makes a value of ${shape.join(" x ")} for one image ("${name}"): it is damaged, or too large for this ` +
      "purpose. Export or copy it again, or ask for a smaller size.",
  );
}

/** Not a name that an exporter would make up. */
export const PROBE = "lookalike/probe";

/** The network fed from a float32 input of fixed size, all its values as outputs. Types are left to the runtime. */
function withOutputs({ model }: ForeignModel, { proto, producers }: ForeignGraph, input: SizedInput): Uint8Array {
  return fedFrom(model, proto, input, [], [...producers.keys()]);
}

/** A network that is fed from a float32 input of fixed size, the one named `PROBE`. @param added nodes behind its own */
export function fedFrom(
  model: ForeignModel["model"],
  graph: GraphProto,
  input: SizedInput,
  added: readonly NodeProto[],
  outputs: readonly string[],
): Uint8Array {
  const shape = { dim: inputDims(input).map((n) => ({ value: { case: "dimValue" as const, value: BigInt(n) } })) };
  const elemType = TensorProto_DataType.FLOAT;
  const type = { value: { case: "tensorType" as const, value: { elemType, shape } } };
  const to = create(AttributeProtoSchema, {
    name: "to",
    type: AttributeProto_AttributeType.INT,
    i: BigInt(CAST_TO[input.type]),
  });
  const cast = create(NodeProtoSchema, { opType: "Cast", input: [PROBE], output: [input.name], attribute: [to] });
  const probe = create(ModelProtoSchema, {
    irVersion: model.irVersion,
    opsetImport: model.opsetImport,
    functions: model.functions,
    graph: create(GraphProtoSchema, {
      name: "probe",
      node: [cast, ...graph.node, ...added],
      initializer: graph.initializer,
      sparseInitializer: graph.sparseInitializer,
      input: [create(ValueInfoProtoSchema, { name: PROBE, type })],
      output: outputs.map((name) => create(ValueInfoProtoSchema, { name })),
    }),
  });
  return toBinary(ModelProtoSchema, probe);
}

export function inputDims({ layout, width, height }: SizedInput): number[] {
  return layout === "NCHW" ? [1, 3, height, width] : [1, height, width, 3];
}
