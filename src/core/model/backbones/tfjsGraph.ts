import { createRequire } from "node:module";
import { join } from "node:path";
import * as v from "valibot";
import { ModelError } from "../errors.ts";

/** One node of a TensorFlow.js graph model, as far as it matters here. */
export interface TfjsNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, unknown>>;
}

export interface TfjsTensor {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

export interface TfjsGraph {
  readonly nodes: readonly TfjsNode[];
  readonly tensors: ReadonlyMap<string, TfjsTensor>;
}

const shape = v.array(v.pipe(v.number(), v.integer(), v.minValue(0)));
const ModelSchema = v.object({
  format: v.literal("graph-model"),
  modelTopology: v.object({
    node: v.array(
      v.object({
        name: v.string(),
        op: v.string(),
        input: v.optional(v.array(v.string()), []),
        attr: v.optional(v.record(v.string(), v.unknown()), {}),
      }),
    ),
  }),
  weightsManifest: v.array(
    v.object({
      paths: v.array(v.string()),
      weights: v.array(
        v.object({
          name: v.string(),
          shape,
          dtype: v.picklist(["float32", "int32"]),
          quantization: v.optional(v.object({ min: v.number(), scale: v.number(), dtype: v.literal("uint8") })),
        }),
      ),
    }),
  ),
});

/**
 * Reads a TensorFlow.js graph model that is wrapped as CommonJS modules: `model.min.js` gives the JSON, each weight shard
 * a base64 text. Weights stored as uint8 are brought back by their affine map, value = byte * scale + min.
 * @param folder that holds `model.min.js` and the shards
 * @throws ModelError where the model is not as expected
 */
export function readTfjsGraph(folder: string): TfjsGraph {
  const require = createRequire(import.meta.url);
  const parsed = v.safeParse(ModelSchema, require(join(folder, "model.min.js")));
  if (!parsed.success)
    throw new ModelError(`${folder} holds no TensorFlow.js graph model: ${parsed.issues[0].message}`);
  const tensors = new Map<string, TfjsTensor>();
  for (const group of parsed.output.weightsManifest) {
    const shards = group.paths.map((path) => Buffer.from(String(require(join(folder, `${path}.min.js`))), "base64"));
    const bytes = Buffer.concat(shards);
    let offset = 0;
    for (const { name, shape, dtype, quantization } of group.weights) {
      const size = shape.reduce((product, n) => product * n, 1);
      const end = offset + size * (quantization === undefined ? 4 : 1);
      if (end > bytes.length) throw new ModelError(`The weights in ${folder} are cut short at ${name}.`);
      const slice = bytes.subarray(offset, end);
      offset = end;
      // Whole numbers are shapes of layers after the feature map, which are not converted.
      if (dtype === "int32") continue;
      tensors.set(name, {
        values: quantization === undefined ? floats(slice) : dequantise(slice, quantization),
        shape,
      });
    }
  }
  return { nodes: parsed.output.modelTopology.node, tensors };
}

function floats(bytes: Buffer): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

function dequantise(bytes: Buffer, { min, scale }: { min: number; scale: number }): Float32Array {
  return Float32Array.from(bytes, (byte) => byte * scale + min);
}
