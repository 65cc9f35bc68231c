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

/** Shares of red, green and blue in what the eye takes for brightness (sRGB's primaries, ITU-R BT.709). */
const LUMA = [0.213, 0.715, 0.072] as const;

type Matrix3 = [[number, number, number], [number, number, number], [number, number, number]];

/**
 * Brightness, saturation and hue as one matrix over RGB, which takes a third less time than the way over LCh and back. Colour is what
 * a pixel has beside its grey of the same brightness: it is turned around the axis of greys, and scaled.
 * @param hue degrees
 */
function colourMatrix(brightness: number, saturation: number, hue: number): Matrix3 {
  const angle = (hue * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle) / Math.sqrt(3)];
  // A turn around (1, 1, 1), row by row (Rodrigues).
  const turn = (i: number, j: number) => {
    const across = i === j ? 0 : (i + 1) % 3 === j ? -sin : sin;
    return (i === j ? cos : 0) + across + (1 - cos) / 3;
  };
  const rows = [0, 1, 2].map((i) => LUMA.map((grey, j) => brightness * (grey + saturation * (turn(i, j) - grey))));
  return rows as Matrix3;
}

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
  signal?: AbortSignal,
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
    { signal },
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
    const hue = draw(-VIEW.hue, VIEW.hue);
    const contrast = draw(...VIEW.contrast);
    const view = picture()
      .extract({ left, top, width: w, height: h })
      .resize(squashed)
      .flop(flip)
      .recomb(colourMatrix(brightness, saturation, hue))
      .linear(contrast, 128 * (1 - contrast))
      .toColourspace("srgb")
      .raw({ depth: "uchar" });
    views.push(await view.toBuffer());
  }
  return views;
}
