import { buildSecondModel, ModelError, readManifest } from "../model/index.ts";
import type { Range } from "./calibrate.ts";
import { int8Form } from "./int8Form.ts";
import { planQuantization } from "./plan.ts";
import { prepareModel } from "./prepare.ts";
import { CALIBRATED_ON, DEFAULT_RANGES, type Ranges, SECOND_RANGES } from "./shippedRanges.ts";

/** Of what ReLU6 lets through. */
const RELU6: Range = { min: 0, max: 6 };
/** Of pixels as the network takes them. */
const PIXELS: Range = { min: -1, max: 1 };

/**
 * The int8 form of the default model: the same bytes at every build.
 * @param bytes of the default model in float
 */
export function buildDefaultInt8(bytes: Uint8Array): Promise<Uint8Array> {
  return int8With(bytes, bytes, "the default model", DEFAULT_RANGES);
}

/**
 * The same of the second network.
 * @param kept its float form as it is kept, with weights in bytes
 */
export function buildSecondInt8(kept: Uint8Array): Promise<Uint8Array> {
  // Of the weights as they came: rounding twice would lose more.
  return int8With(kept, buildSecondModel(), "the second network", SECOND_RANGES);
}

async function int8With(kept: Uint8Array, bytes: Uint8Array, file: string, known: Ranges): Promise<Uint8Array> {
  const manifest = readManifest(bytes, file);
  const model = await prepareModel(bytes, file);
  const plan = planQuantization(model.graph, file);
  const ranges = new Map<string, Range>();
  for (const { name, readers } of plan.tensors.values()) {
    const range = known[name];
    if (range !== undefined) ranges.set(name, { min: range[0], max: range[1] });
    else if (name.startsWith("Clip_")) ranges.set(name, RELU6);
    else if (readers === "quantised") ranges.set(name, PIXELS);
    else throw new ModelError(`The range of ${name} in ${file} is not known: it is another one. Measure it again.`);
  }
  return int8Form(kept, manifest, model, plan, { ranges, images: CALIBRATED_ON });
}
