import { create, toBinary } from "@bufbuild/protobuf";
import { type GraphProto, type ModelProto, ModelProtoSchema, StringStringEntryProtoSchema } from "onnx-buf";
import type { ModelManifest } from "../../shared/index.ts";
import { encodeManifest, fingerprint, MANIFEST_KEY } from "../model/index.ts";
import type { Range } from "./calibrate.ts";
import type { QuantizationPlan } from "./plan.ts";
import { rewriteGraph } from "./rewrite.ts";

/** What a calibration found. */
export interface Calibration {
  /** By tensor name. */
  readonly ranges: ReadonlyMap<string, Range>;
  /** How many images it saw. */
  readonly images: number;
}

/**
 * Writes the int8 form of a model.
 * @param source the float model's file
 * @param manifest of the float model
 * @param model the same as `prepareModel` leaves it
 * @returns the model's file
 */
export function int8Form(
  source: Uint8Array,
  manifest: ModelManifest,
  model: ModelProto & { graph: GraphProto },
  plan: QuantizationPlan,
  { ranges, images }: Calibration,
): Uint8Array {
  const own: ModelManifest = {
    ...manifest,
    name: `${manifest.name}-int8`,
    precision: "int8",
    quantization: {
      method:
        "QDQ: uint8 activations by least and greatest value, int8 weights per channel, no pair of which saturates",
      images,
      source: fingerprint(source),
    },
  };
  const others = model.metadataProps.filter(({ key }) => key !== MANIFEST_KEY);
  const metadataProps = Object.entries(encodeManifest(own)).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  return toBinary(ModelProtoSchema, {
    ...model,
    graph: rewriteGraph(model.graph, plan, ranges),
    metadataProps: [...others, ...metadataProps],
  });
}
