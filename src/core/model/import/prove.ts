import { COMBINED, type ModelManifest } from "../../../shared/index.ts";
import { ModelError } from "../errors.ts";
import { readManifest } from "../manifest.ts";
import { drawn } from "./check.ts";
import { type TrialSession, withSession } from "./session.ts";

/** The same picture twice differs by less. */
const SAME = 1e-6;
/** A branch has norm 1, or is all zeros. */
const NORM = 1e-2;

/**
 * Proves a model file in a process of its own before it is used in this one: it loads and ends in time, in the memory that it
 * may take; its outputs have the shapes that its manifest says, are finite and of norm 1; the same picture gives the same twice.
 * @param file its name, for messages
 * @throws ModelError that says what is wrong with it
 */
export async function proveModel(bytes: Uint8Array, file: string): Promise<void> {
  const manifest = readManifest(bytes, file);
  const [one, other] = [drawn(0, manifest.input), drawn(1, manifest.input)];
  await withSession(bytes, { file, optimise: true }, async (session) => {
    const first = await embedded(session, manifest, file, [one]);
    const again = await embedded(session, manifest, file, [one]);
    for (const [i, value] of first.entries()) {
      if (!(Math.abs(value - again[i]!) <= SAME)) {
        throw new ModelError(
          `${file} gives another embedding for the same picture each time. Export it again, without chance.`,
        );
      }
    }
    await embedded(session, manifest, file, [one, other]);
  });
}

/** @returns all branches and combined of all images, one after the other */
async function embedded(
  session: TrialSession,
  { descriptors, input }: ModelManifest,
  file: string,
  images: readonly Uint8Array[],
): Promise<number[]> {
  const dims = [images.length, input.height, input.width, 3];
  const widths = new Map(descriptors.map(({ name, dim }) => [name, dim]));
  widths.set(
    COMBINED,
    descriptors.reduce((sum, { dim }) => sum + dim, 0),
  );
  const outputs = await session.run({ image: { type: "uint8", data: Buffer.concat(images), dims } }, [
    ...widths.keys(),
  ]);
  return [...widths].flatMap(([name, width]) => {
    const output = outputs[name];
    const shape = output?.dims ?? [];
    if (output?.data == null || shape.length !== 2 || shape[0] !== images.length || shape[1] !== width) {
      throw new ModelError(
        `${file} gives ${output?.type ?? "nothing"} [${shape.join(", ")}] as "${name}", and its manifest says float32 ` +
          `[${images.length}, ${width}]. Build or copy the model again.`,
      );
    }
    for (let i = 0; i < images.length; i++) checkNorm(output.data.subarray(i * width, (i + 1) * width), name, file);
    return [...output.data];
  });
}

function checkNorm(row: Float32Array, name: string, file: string): void {
  const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
  if (!Number.isFinite(norm)) {
    throw new ModelError(`${file} gives values that are not finite in "${name}". Check its preprocessing and weights.`);
  }
  if (norm !== 0 && Math.abs(norm - 1) > NORM) {
    throw new ModelError(
      `The branch "${name}" of ${file} has a norm of ${norm.toPrecision(3)} instead of 1. Build it again.`,
    );
  }
}
