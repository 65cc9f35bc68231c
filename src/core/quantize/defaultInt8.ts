import { ModelError, readManifest } from "../model/index.ts";
import type { Range } from "./calibrate.ts";
import { int8Form } from "./int8Form.ts";
import { planQuantization } from "./plan.ts";
import { prepareModel } from "./prepare.ts";

/** Images behind `RANGES`. */
const CALIBRATED_ON = 200;

/**
 * Least and greatest values of the default model's tensors that nothing bounds, by node: over 200 photographs of the first 50 classes
 * of Caltech-101. With them the build needs no photographs.
 */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  Conv_23: [-41, 40.4],
  Conv_38: [-36.7, 41.2],
  Conv_53: [-56.3, 48.7],
  Add_54: [-56.2, 54],
  Conv_69: [-24.8, 26.1],
  Conv_84: [-27.1, 20.7],
  Add_85: [-30.4, 29.9],
  Conv_100: [-29.5, 36.8],
  Add_101: [-37.3, 43.6],
  Conv_116: [-23.9, 21.6],
  Conv_131: [-23.2, 27.2],
  Add_132: [-23.6, 26.6],
  Conv_147: [-17, 19.1],
  Add_148: [-26.1, 28.9],
  Conv_163: [-19.6, 19.5],
  Add_164: [-26.9, 30.6],
  Conv_179: [-17.3, 14.7],
  Conv_194: [-14.5, 15.3],
  Add_195: [-18.1, 16.2],
  Conv_210: [-27.4, 20.5],
  Add_211: [-28.7, 21.3],
  Conv_226: [-15.4, 18.7],
  Conv_241: [-12.4, 10.6],
  Add_242: [-19, 21],
  Conv_257: [-27.9, 21.5],
  Add_258: [-27.2, 31.1],
  Conv_273: [-12.2, 13.2],
};

/** Of what ReLU6 lets through. */
const RELU6: Range = { min: 0, max: 6 };
/** Of pixels as the network takes them. */
const PIXELS: Range = { min: -1, max: 1 };

/**
 * The int8 form of the default model: the same bytes at every build.
 * @param bytes of the default model in float
 */
export async function buildDefaultInt8(bytes: Uint8Array): Promise<Uint8Array> {
  const file = "the default model";
  const manifest = readManifest(bytes, file);
  const model = await prepareModel(bytes, file);
  const plan = planQuantization(model.graph, file);
  const ranges = new Map<string, Range>();
  for (const { name, readers } of plan.tensors.values()) {
    const known = RANGES[name];
    if (known !== undefined) ranges.set(name, { min: known[0], max: known[1] });
    else if (name.startsWith("Clip_")) ranges.set(name, RELU6);
    else if (readers === "quantised") ranges.set(name, PIXELS);
    else throw new ModelError(`The range of ${name} is not known: the default model is another one. Measure it again.`);
  }
  return int8Form(bytes, manifest, model, plan, { ranges, images: CALIBRATED_ON });
}
