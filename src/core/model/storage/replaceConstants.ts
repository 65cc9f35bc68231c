import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from "onnx-buf";
import type { ModelManifest } from "../../../shared/index.ts";
import { type ConstantTensor, GraphView } from "../../onnx/index.ts";
import { encodeManifest, MANIFEST_KEY, readManifest } from "../manifest.ts";

/** Smaller tensors are biases, scales and bounds: nothing is saved there, and they are best kept as they are. */
const LEAST_VALUES = 1000;

/** Another form of a constant: tensors, and nodes that bring the float32 values back under the constant's name. */
export interface StoredForm {
  readonly tensors: readonly TensorProto[];
  readonly nodes: readonly NodeProto[];
}

/**
 * Gives large float32 constants of a model another form. onnxruntime computes what depends on constants alone when it
 * loads a file, so the graph then runs as before, at the same speed, on every execution provider.
 * @param file its name, for messages
 * @param store the form of a constant; undefined where it stays as it is
 * @param describe the manifest of the result, where any constant changed
 * @throws ModelError where the file is no model of ours
 */
export function replaceConstants(
  bytes: Uint8Array,
  file: string,
  store: (name: string, tensor: ConstantTensor) => StoredForm | undefined,
  describe: (manifest: ModelManifest) => ModelManifest = (manifest) => manifest,
): Uint8Array {
  const manifest = readManifest(bytes, file);
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = model.graph!;
  const view = new GraphView(graph);
  const inputs = new Set(graph.input.map(({ name }) => name));
  const forms = new Map<string, StoredForm>();
  for (const { name } of graph.initializer) {
    const tensor = view.floats(name);
    // A constant that is also an input may be replaced by whoever runs the model, with float32.
    if (tensor === undefined || tensor.values.length < LEAST_VALUES || inputs.has(name)) continue;
    const form = store(name, tensor);
    if (form !== undefined) forms.set(name, form);
  }
  if (forms.size === 0) return bytes;
  graph.initializer = graph.initializer.flatMap((tensor) => forms.get(tensor.name)?.tensors ?? [tensor]);
  graph.node = [...[...forms.values()].flatMap(({ nodes }) => nodes), ...graph.node];
  const text = encodeManifest(describe(manifest))[MANIFEST_KEY]!;
  for (const entry of model.metadataProps) if (entry.key === MANIFEST_KEY) entry.value = text;
  return toBinary(ModelProtoSchema, model);
}

/** @param values little endian, as in memory; copied */
export function storedTensor(
  name: string,
  dataType: TensorProto["dataType"],
  { buffer, byteOffset, byteLength }: ArrayBufferView,
  dims: readonly number[],
): TensorProto {
  const rawData = Uint8Array.from(new Uint8Array(buffer, byteOffset, byteLength));
  return create(TensorProtoSchema, { name, dataType, rawData, dims: dims.map(BigInt) });
}

/** @param attributes whole numbers */
export function storedNode(
  opType: string,
  input: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number>>,
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    name: `${opType}:${output}`,
    input: [...input],
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) => ({
      name,
      type: AttributeProto_AttributeType.INT,
      i: BigInt(value),
    })),
  });
}
