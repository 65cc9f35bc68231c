import { promises as fs } from "node:fs";
import * as v from "valibot";
import { ModelError, readSafetensors, type Safetensors } from "../../model/index.ts";
import { TrainingError } from "../data/trainingError.ts";
import type { Parameters } from "../parameters.ts";

const MetaSchema = v.object({ key: v.string(), epoch: v.number(), stopped: v.boolean() });

/**
 * Takes over the weights that the torch engine ended with.
 * @param parameters that get them
 * @returns what the training came to; undefined where there is no result of this key
 * @throws TrainingError where the weights do not fit the network, or hold what is no number
 */
export async function readResult(
  file: string,
  key: string,
  parameters: Parameters,
): Promise<{ readonly epoch: number; readonly stopped: boolean } | undefined> {
  if (
    !(await fs.access(file).then(
      () => true,
      () => false,
    ))
  )
    return undefined;
  try {
    const tensors = readSafetensors(file);
    const meta = metaOf(tensors);
    if (meta?.key !== key) return undefined;
    const values = [...parameters.dims.keys(), ...parameters.statistics.keys()].map((name): [string, Float32Array] => {
      const tensor = tensors.floats(name);
      if (tensor.values.length !== parameters.of(name).length) throw unfit(file, `${name} has another size`);
      if (!tensor.values.every(Number.isFinite)) throw unfit(file, `${name} holds what is no number`);
      return [name, tensor.values];
    });
    parameters.replace(new Map(values));
    return { epoch: meta.epoch, stopped: meta.stopped };
  } catch (cause) {
    if (!(cause instanceof ModelError)) throw cause;
    throw new TrainingError(cause.message, { cause });
  }
}

function metaOf({ metadata }: Safetensors): v.InferOutput<typeof MetaSchema> | undefined {
  try {
    const parsed = v.safeParse(MetaSchema, JSON.parse(metadata.get("lookalike") ?? "null"));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

function unfit(file: string, why: string): TrainingError {
  return new TrainingError(`${file} does not fit this training (${why}). Copy it again, or train anew.`);
}
