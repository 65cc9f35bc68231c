import { uniformFloat32 } from "pure-rand/distribution/uniformFloat32";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import sharp from "sharp";
import type { InputSpec } from "../../shared/index.ts";
import { readImageFile } from "./decode.ts";
import { ImageError } from "./failures.ts";
import { seenPart, toInput, wholePixels } from "./fit.ts";
import { withImage } from "./open.ts";

/** Longest side of the picture that views are cut from, in pixels: more adds nothing at the model's input size. */
const WORKING_SIDE = 512;

/** Ranges of what a view changes: what a person would still call the same picture. */
const VIEW = {
  /** Share of the picture's area that is kept. */
  area: [0.4, 1],
  /** Change of the aspect ratio, as a factor either way. */
  aspect: 4 / 3,
  brightness: [0.7, 1.3],
  contrast: [0.75, 1.25],
  // Gently: in some collections colour is what tells two things apart.
  saturation: [0.8, 1.2],
  /** Degrees either way. */
  hue: 10,
  flip: 0.5,
} as const;

/**
 * Reads an image file once and makes model inputs of it: the picture as it is, and `count` random views of it (crop,
 * flip, brightness, contrast, saturation, hue).
 * @param random where the randomness comes from; the same state gives the same views
 * @returns uint8 RGB `[height, width, 3]` each, `1 + count` of them
 * @throws ImageError with the reason in plain words
 */
export async function decodeViews(
  file: string,
  input: InputSpec,
  count: number,
  random: RandomGenerator,
): Promise<Uint8Array[]> {
  const { result: working } = await withImage(
    await readImageFile(file),
    Math.max(input.width, input.height),
    async ({ image }) => {
      const [r, g, b] = input.background;
      const { data, info } = await image
        .flatten({ background: { r, g, b } })
        .toColourspace("srgb")
        .resize(WORKING_SIDE, WORKING_SIDE, { fit: "inside", withoutEnlargement: true })
        .raw({ depth: "uchar" })
        .toBuffer({ resolveWithObject: true });
      if (info.channels !== 3) throw new ImageError(`damaged: ${info.channels} channels after conversion to RGB`);
      return { data, ...info };
    },
  );
  const { data, width, height } = working;
  const picture = () => sharp(data, { raw: { width, height, channels: 3 } });
  const squashed = { width: input.width, height: input.height, fit: "fill" } as const;
  const views = [await toInput(picture(), input, width, height)];
  // Views are taken of what the model sees of the picture.
  const seen = wholePixels(seenPart(input, width, height), width, height);
  for (let i = 0; i < count; i++) {
    const draw = (low: number, high: number) => low + (high - low) * uniformFloat32(random);
    const area = draw(...VIEW.area);
    const aspect = VIEW.aspect ** draw(-1, 1);
    const w = Math.min(seen.width, Math.max(1, Math.round(seen.width * Math.sqrt(area * aspect))));
    const h = Math.min(seen.height, Math.max(1, Math.round(seen.height * Math.sqrt(area / aspect))));
    const left = seen.left + Math.floor(uniformFloat32(random) * (seen.width - w + 1));
    const top = seen.top + Math.floor(uniformFloat32(random) * (seen.height - h + 1));
    const flip = uniformFloat32(random) < VIEW.flip;
    const saturation = draw(...VIEW.saturation);
    const brightness = draw(...VIEW.brightness);
    const hue = Math.round(draw(-VIEW.hue, VIEW.hue));
    const contrast = draw(...VIEW.contrast);
    const view = picture()
      .extract({ left, top, width: w, height: h })
      .resize(squashed)
      .flop(flip)
      .modulate({ brightness, saturation, hue })
      .linear(contrast, 128 * (1 - contrast))
      .toColourspace("srgb")
      .raw({ depth: "uchar" });
    views.push(await view.toBuffer());
  }
  return views;
}
