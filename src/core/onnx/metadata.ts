import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";

/**
 * The metadata of an ONNX file.
 * @throws where the bytes are no ONNX file
 */
export function readMetadata(bytes: Uint8Array): Map<string, string> {
  const model = fromBinary(ModelProtoSchema, bytes);
  if (model.graph === undefined) throw new Error("no graph in the file");
  return new Map(model.metadataProps.map(({ key, value }) => [key, value]));
}
