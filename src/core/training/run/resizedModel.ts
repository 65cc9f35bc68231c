import { toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { compactModel, encodeManifest } from "../../model/index.ts";
import { type NetworkOptions, prepareNetwork } from "../network/prepare.ts";

/** The model as an end-to-end training finds it before its first step: of the training's input size and layout, frozen. */
export function resizedModel(options: NetworkOptions): Uint8Array {
  const { model, manifest } = prepareNetwork(options);
  const metadata = encodeManifest(manifest);
  for (const entry of model.metadataProps) entry.value = metadata[entry.key] ?? entry.value;
  return compactModel(toBinary(ModelProtoSchema, model), options.file);
}
