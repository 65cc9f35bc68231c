import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { Float16Array } from "@petamoriken/float16";
import { ModelProtoSchema, type TensorProto, TensorProto_DataType } from "onnx-buf";
import { GraphView } from "../../onnx/index.ts";
import { encodeManifest, MANIFEST_KEY, readManifest } from "../manifest.ts";
import { storedTensor } from "./replaceConstants.ts";

/**
 * The same model with its constants in float32 again, whichever form they are kept in: what a trainer or
 * another writer of graphs works on.
 * @param file its name, for messages
 * @throws ModelError where the file is no model of ours
 */
export function toFloat32(bytes: Uint8Array, file: string): Uint8Array {
  const { precision, ...manifest } = readManifest(bytes, file);
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = model.graph!;
  const view = new GraphView(graph);
  const tensors = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const casts = new Map(graph.node.filter(({ opType }) => opType === "Cast").map((node) => [node.output[0]!, node]));
  const expanded = new Map<string, TensorProto>();
  const gone = new Set<string>();
  for (const { opType, input, output } of graph.node) {
    const [source = "", second = ""] = input;
    const name = output[0]!;
    const stored = tensors.get(source);
    if (opType === "Cast" && stored?.dataType === TensorProto_DataType.FLOAT16) {
      const values = Float32Array.from(new Float16Array(Uint8Array.from(stored.rawData).buffer));
      expanded.set(name, storedTensor(name, TensorProto_DataType.FLOAT, values, stored.dims.map(Number)));
      gone.add(source).add(name);
    }
    const bytes = opType === "Mul" ? tensors.get(casts.get(source)?.input[0] ?? "") : undefined;
    const scales = bytes?.dataType === TensorProto_DataType.INT8 ? view.floats(second) : undefined;
    if (bytes !== undefined && scales !== undefined) {
      const each = bytes.rawData.length / scales.values.length;
      const values = Float32Array.from(
        Int8Array.from(bytes.rawData),
        (x, i) => x * scales.values[Math.floor(i / each)]!,
      );
      expanded.set(name, storedTensor(name, TensorProto_DataType.FLOAT, values, bytes.dims.map(Number)));
      for (const used of [source, second, bytes.name, name]) gone.add(used);
    }
    const index = opType === "Gather" ? tensors.get(casts.get(second)?.input[0] ?? "") : undefined;
    const table = index?.dataType === TensorProto_DataType.UINT8 ? view.floats(source) : undefined;
    if (index === undefined || table === undefined) continue;
    const values = Float32Array.from(index.rawData, (place) => table.values[place]!);
    expanded.set(name, storedTensor(name, TensorProto_DataType.FLOAT, values, index.dims.map(Number)));
    for (const used of [source, second, index.name, name]) gone.add(used);
  }
  if (expanded.size === 0) return bytes;
  graph.node = graph.node.filter(({ output }) => !gone.has(output[0]!));
  graph.initializer = [...graph.initializer.filter(({ name }) => !gone.has(name)), ...expanded.values()];
  const text = encodeManifest(precision === "int8" ? { ...manifest, precision } : manifest)[MANIFEST_KEY]!;
  for (const entry of model.metadataProps) if (entry.key === MANIFEST_KEY) entry.value = text;
  return toBinary(ModelProtoSchema, model);
}
