import { promises as fs } from "node:fs";
import { join } from "node:path";
import { pMapIterable } from "p-map";
import type { InputSpec } from "../../../shared/index.ts";
import { writeAtomically } from "../../files/index.ts";
import { decodeForModel } from "../../images/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";
import type { RunContext } from "../run/context.ts";
import { decoded } from "../run/fullData.ts";

/**
 * Writes pictures as the decoder of the built-in engine gives them, uint8 RGB one after another, so that torch sees the
 * same pixels. A file of the right size is taken as it is: it was renamed once it was whole.
 * @param onImage called with each
 * @throws FileError where the disk is full
 */
export async function writePixels(
  { options, signal }: Pick<RunContext, "options" | "signal">,
  file: string,
  images: readonly LabelledImage[],
  input: InputSpec,
  onImage: () => void,
): Promise<void> {
  const size = images.length * input.width * input.height * 3;
  if ((await fs.stat(file).catch(() => null))?.size === size) return;
  const load = ({ path }: LabelledImage) => decoded(path, () => decodeForModel(join(options.folder, path), input));
  await writeAtomically(file, async (write) => {
    for await (const { pixels } of pMapIterable(images, load, { concurrency: 4, backpressure: 8 })) {
      signal?.throwIfAborted();
      await write(pixels);
      onImage();
    }
  });
}
