import { create } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { type InferenceSession, Tensor } from "onnxruntime-node";
import { ModelError } from "../errors.ts";
import { type ForeignGraph, valuesFrom } from "./graph.ts";
import { CAST_TO, type ImageInput } from "./imageInput.ts";
import type { ForeignModel } from "./readFile.ts";
import { run, withSession } from "./session.ts";

export interface Measured {
  readonly dims: readonly number[];
  readonly type: "float32" | "float16";
}

/** Elements of one value for one image. No network for images comes near; damaged sizes go far beyond. */
const MAX_ELEMENTS = 2 ** 26;

/**
 * Shapes of the values with one vector or one feature map per image, for one image, by running the network with all its
 * values as outputs.
 * @throws ModelError where it cannot be run, or would need more memory than any network for images does
 */
export async function measure(
  foreign: ForeignModel,
  graph: ForeignGraph,
  input: ImageInput,
): Promise<Map<string, Measured>> {
  const dependent = valuesFrom(graph, input.name);
  return withSession(withOutputs(foreign, graph, input), foreign.file, async (session) => {
    const wanted = session.outputMetadata.flatMap((output) => {
      refuseHuge(output, foreign.file);
      if (!output.isTensor || !dependent.has(output.name)) return [];
      // An empty shape stands for one that is not known before running.
      const vectorOrMap = [0, 2, 4].includes(output.shape.length);
      return vectorOrMap && (output.type === "float32" || output.type === "float16") ? [output.name] : [];
    });
    const data = Float32Array.from({ length: 3 * input.width * input.height }, (_, i) => Math.sin(i * i));
    const feeds = { [PROBE]: new Tensor("float32", data, inputDims(input)) };
    const outputs = wanted.length === 0 ? {} : await run(session, feeds, wanted);
    return new Map(
      Object.entries(outputs).flatMap(([name, value]) => {
        const { dims, type } = value as Tensor;
        return type === "float32" || type === "float16" ? [[name, { dims, type }] as const] : [];
      }),
    );
  });
}

/** The runtime knows nearly all shapes without running. Past what the machine has, running would end the process. */
function refuseHuge(output: InferenceSession.ValueMetadata, file: string): void {
  if (!output.isTensor) return;
  const elements = output.shape.reduce<number>((product, size) => product * (typeof size === "number" ? size : 1), 1);
  if (elements <= MAX_ELEMENTS) return;
  throw new ModelError(
    `${file} makes a value of ${output.shape.join(" x ")} for one image ("${output.name}"): it is damaged, or too large ` +
      "for this purpose. Export or copy it again, or ask for a smaller size.",
  );
}

/** Not a name that an exporter would make up. */
const PROBE = "lookalike/probe";

/** The network fed from a float32 input of fixed size, all its values as outputs. Types are left to the runtime. */
function withOutputs({ model }: ForeignModel, { producers }: ForeignGraph, input: ImageInput): ModelProto {
  const { graph } = model;
  const shape = { dim: inputDims(input).map((n) => ({ value: { case: "dimValue" as const, value: BigInt(n) } })) };
  const elemType = TensorProto_DataType.FLOAT;
  const type = { value: { case: "tensorType" as const, value: { elemType, shape } } };
  const to = create(AttributeProtoSchema, {
    name: "to",
    type: AttributeProto_AttributeType.INT,
    i: BigInt(CAST_TO[input.type]),
  });
  const cast = create(NodeProtoSchema, { opType: "Cast", input: [PROBE], output: [input.name], attribute: [to] });
  return create(ModelProtoSchema, {
    irVersion: model.irVersion,
    opsetImport: model.opsetImport,
    functions: model.functions,
    graph: create(GraphProtoSchema, {
      name: "probe",
      node: [cast, ...graph.node],
      initializer: graph.initializer,
      sparseInitializer: graph.sparseInitializer,
      input: [create(ValueInfoProtoSchema, { name: PROBE, type })],
      output: [...producers.keys()].map((name) => create(ValueInfoProtoSchema, { name })),
    }),
  });
}

function inputDims({ layout, width, height }: ImageInput): number[] {
  return layout === "NCHW" ? [1, 3, height, width] : [1, height, width, 3];
}
