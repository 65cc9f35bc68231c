import sharp, { type Sharp, type SharpOptions } from "sharp";
import { ImageError } from "./failures.ts";
import {
  dataTest,
  isWhole,
  type Levels,
  levelsOf,
  type SampleKind,
  type Spread,
  spreadOf,
  together,
} from "./levels.ts";
import { isWhiteZero, type TiffHeader } from "./tiffHeader.ts";

const WHITE_16 = 65535;

/**
 * Opens a picture of whole numbers of 16 bits, of which the brightness may use a part: 12 bits of a camera, a thermal
 * camera's few hundred values. What it uses is brought to the whole.
 * @param opened without a colour profile, which would say what white is
 * @param space the colour space that the decoder gives it
 * @param declared how many bits are significant, and which value stands for no data, where the file says so
 */
export async function openDeep(
  opened: Sharp,
  space: string,
  { significant, noData }: { readonly significant?: number | undefined; readonly noData?: number | undefined } = {},
): Promise<Sharp> {
  const { data, info } = await opened
    .autoOrient()
    .toColourspace(space)
    .raw({ depth: "ushort" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const values = new Uint16Array(data.buffer, data.byteOffset, width * height * channels);
  const colours = channels < 3 ? 1 : 3;
  const bands = Array.from({ length: colours }, (_, band) => band);
  const levels = levelsOf(seen(spreadOf(values, channels, bands, noData)), "unsigned", 16, significant);
  if (!isWhole(levels, 16) || noData !== undefined) {
    for (let at = 0; at < values.length; at += channels) {
      const isGap = noData !== undefined && bands.every((band) => values[at + band] === noData);
      for (const band of bands) values[at + band] = isGap ? 0 : scaled(values[at + band]!, levels, WHITE_16);
    }
    if (channels > colours) bringUpAlpha(values, channels, levels);
  }
  return sharp(values, { raw: { width, height, channels } });
}

/** @throws ImageError where no value is left */
function seen(spread: Spread): Spread {
  if (spread.min > spread.max) throw new ImageError("nothing to see: all of its values stand for no data");
  return spread;
}

/** Alpha that was written with the bits of the brightness is opaque at their white. */
function bringUpAlpha(values: Uint16Array, channels: number, { white }: Levels): void {
  for (let at = channels - 1; at < values.length; at += channels) if (values[at]! > white) return;
  for (let at = channels - 1; at < values.length; at += channels) {
    values[at] = scaled(values[at]!, { black: 0, white }, WHITE_16);
  }
}

function scaled(value: number, { black, white }: Levels, most: number): number {
  return Math.min(most, Math.max(0, Math.round(((value - black) * most) / (white - black))));
}

/**
 * Opens a picture whose samples are measures more than colours: signed, float, of 32 bits, of more bands than there are
 * colours. Three bands or more are shown as red, green and blue, in their order.
 * @param source of the bytes, as the decoder is to read them
 * @param space the colour space that the decoder gives it
 */
export async function openMeasures(
  bytes: Buffer,
  options: SharpOptions,
  space: string,
  header: TiffHeader,
): Promise<Sharp> {
  const kind: SampleKind = header.format === 2 ? "signed" : header.format === 3 ? "float" : "unsigned";
  // The decoder cuts negative values off where it takes samples for brightness of 16 bits.
  const shift = kind === "signed" && header.bits === 16 ? 2 ** 15 : 0;
  const shown = header.samples < 3 ? [0] : [0, 1, 2];
  const bands: Float32Array[] = [];
  let [width, height] = [0, 0];
  for (const band of shown) {
    const opened = sharp(bytes, options).autoOrient();
    const one = shift === 0 ? opened.extractChannel(band as 0 | 1 | 2) : opened.linear(1, shift);
    const { data, info } = await one.toColourspace(space).raw({ depth: "float" }).toBuffer({ resolveWithObject: true });
    [width, height] = [info.width, info.height];
    const values = new Float32Array(data.buffer, data.byteOffset, width * height);
    // The decoder turns whole numbers without a sign itself where 0 is white, and of these the first band alone.
    const most = kind === "unsigned" && isWhiteZero(header) && band > 0 ? 2 ** header.bits - 1 : undefined;
    bands.push(values.map((value) => (most === undefined ? value - shift : most - value)));
  }
  const levels = turned(levelsOfBands(bands, kind, header), isWhiteZero(header) && kind !== "unsigned");
  const isData = dataTest(header.noData);
  const channels = bands.length === 1 ? 1 : 3;
  const pixels = new Uint8Array(width * height * channels);
  for (const [c, values] of bands.entries()) {
    for (let i = 0; i < values.length; i++) {
      pixels[i * channels + c] = isData(values[i]!) ? scaled(values[i]!, levels, 255) : 0;
    }
  }
  return sharp(pixels, { raw: { width, height, channels } });
}

/** One black and one white for all bands: what they differ in is colour. */
function levelsOfBands(bands: readonly Float32Array[], kind: SampleKind, header: TiffHeader): Levels {
  const spread = seen(together(bands.map((values) => spreadOf(values, 1, [0], header.noData))));
  return levelsOf(spread, kind, header.bits);
}

/** The lowest value is white where the file says so. */
function turned({ black, white }: Levels, isTurned: boolean): Levels {
  return isTurned ? { black: white, white: black } : { black, white };
}
