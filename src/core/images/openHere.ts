import sharp, { type Metadata, type Sharp, type SharpOptions } from "sharp";
import { bmpHeader, decodeBmp } from "./bmp.ts";
import { openCutWebp } from "./cutWebp.ts";
import { decodeFailure, ImageError, notRead, TOO_LARGE } from "./failures.ts";
import { type ImageSize, isDeepPng, significantBits, sizeInHeader, withExifInFront } from "./header.ts";
import { type Kind, kindOf } from "./kinds.ts";
import { openDeep, openMeasures } from "./samples.ts";
import { coloursOf, hasAlpha, isPlainYcbcr, tiffHeader, unreadTiff } from "./tiffHeader.ts";
import { drawVector } from "./vector.ts";
import { openYcbcr } from "./ycbcr.ts";

// Thousands of different files pass through once each: libvips' cache would only hold memory, and files in flight give
// more than threads within one file.
sharp.cache(false);
sharp.concurrency(1);

/** A picture is looked at in so many places each way, to see whether there is something in it. */
const GRID = 64;

/** Of a picture that is not a drawing; the decoder's own limit. */
const MOST_PIXELS = 0x3fff * 0x3fff;

/** Times white, up to which light is light. */
const BRIGHTEST = 100;

/** The first frame of a picture, upright, ready to be flattened, resized and converted to sRGB. */
export interface OpenedImage extends ImageSize {
  readonly image: Sharp;
  /** Of `image`, upright: other than what the file says where it was drawn in another size. */
  readonly drawn: ImageSize;
  /** It is not all that the file shows. */
  readonly partial?: boolean;
}

/** Kinds whose viewers show what can be read of a stream with errors: all browsers do. */
const SHOWN_IN_PART = new Set(["JPEG", "PNG", "GIF", "WebP"]);

/**
 * See `withImage`; in this process, whatever it takes.
 * @param seconds after which the decoder gives up, as far as it heeds that
 * @throws ImageError with the reason in plain words
 */
export async function withImageHere<T>(
  bytes: Buffer,
  side: number,
  use: (opened: OpenedImage) => Promise<T>,
  seconds?: number,
): Promise<{ readonly result: T; readonly partial: boolean }> {
  const kind = kindOf(bytes);
  const limited = async (opened: OpenedImage): Promise<T> => {
    if (seconds !== undefined) opened.image.timeout({ seconds: Math.ceil(seconds) });
    return use(opened);
  };
  try {
    if (kind?.name === "BMP") {
      const header = bmpHeader(bytes);
      if (header.width * header.height > MOST_PIXELS) throw new ImageError(TOO_LARGE);
      const { pixels, width, height, partial } = decodeBmp(bytes, header);
      const image = sharp(pixels, { raw: { width, height, channels: 4 } });
      return { result: await limited({ image, ...drawnAs({ width, height }) }), partial };
    }
    const opened = await openImage(bytes, side, kind);
    return { result: await limited(opened), partial: opened.partial ?? false };
  } catch (error) {
    // A fault of ours says nothing of the file.
    if (error instanceof TypeError) throw error;
    const result = await inPart(bytes, side, kind, limited, error);
    if (result !== undefined) return { result, partial: true };
    if (error instanceof ImageError) throw error;
    throw new ImageError(decodeFailure(error, kind?.name), { cause: error });
  }
}

/** @returns undefined where nothing can be read, or no browser would */
async function inPart<T>(
  bytes: Buffer,
  side: number,
  kind: Kind | undefined,
  use: (opened: OpenedImage) => Promise<T>,
  failure: unknown,
): Promise<T | undefined> {
  if (kind === undefined || !SHOWN_IN_PART.has(kind.name)) return undefined;
  if (failure instanceof ImageError || /pixel limit|^Error: timeout:/i.test(String(failure))) return undefined;
  try {
    // What is a warning only leaves nothing out.
    return await use(await openImage(bytes, side, kind, { failOn: "error" }));
  } catch (error) {
    if (/^Error: timeout:/i.test(String(error))) return undefined;
  }
  try {
    // Beyond a hundred errors the decoder of JPEG gives up, unless it has no limits.
    const opened = await openImage(bytes, side, kind, { failOn: "none", unlimited: kind.name === "JPEG" });
    return (await isOneColour(opened.image)) ? undefined : await use(opened);
  } catch {
    return kind.name === "WebP" ? cutWebp(bytes, use) : undefined;
  }
}

async function cutWebp<T>(bytes: Buffer, use: (opened: OpenedImage) => Promise<T>): Promise<T | undefined> {
  try {
    const image = await openCutWebp(bytes, { failOn: "none" });
    if (image === undefined || (await isOneColour(image))) return undefined;
    return await use({ image, ...drawnAs(sizeOf(await image.metadata())) });
  } catch {
    return undefined;
  }
}

/** What a decoder paints where it could read nothing, or a few pixels that it made up. */
async function isOneColour(image: Sharp): Promise<boolean> {
  const grid = { width: GRID, height: GRID, fit: "fill", kernel: "nearest" } as const;
  const { data, info } = await image.clone().resize(grid).raw().toBuffer({ resolveWithObject: true });
  const { channels } = info;
  const seen = new Map<string, number>();
  for (let at = 0; at < data.length; at += channels) {
    const colour = data.subarray(at, at + channels).join();
    seen.set(colour, (seen.get(colour) ?? 0) + 1);
  }
  return Math.max(...seen.values()) >= 0.995 * GRID * GRID;
}

/** @throws ImageError, or what the decoder throws; that may also come when the picture is used */
async function openImage(
  bytes: Buffer,
  side: number,
  kind: Kind | undefined,
  options: SharpOptions = { failOn: SHOWN_IN_PART.has(kind?.name ?? "") ? "warning" : "error" },
): Promise<OpenedImage> {
  if (bytes.length === 0) throw new ImageError("the file is empty");
  if (kind === undefined) throw new ImageError("not an image, or of a format that is not supported");
  if (!kind.read) throw notRead(kind.name);
  if (kind.name === "SVG") return drawVector(bytes, side);
  if (kind.name === "TIFF") return openTiff(bytes);
  const opened = sharp(kind.name === "PNG" ? withExifInFront(bytes) : bytes, options);
  const deep = kind.name === "PNG" && isDeepPng(bytes);
  const known = deep ? undefined : sizeInHeader(bytes);
  if (known !== undefined) return { image: opened.autoOrient(), ...drawnAs(known) };
  const metadata = await opened.metadata();
  const image =
    deep && metadata.depth === "ushort" && !metadata.hasProfile
      ? await openDeep(opened, metadata.space, { significant: significantBits(bytes) })
      : opened.autoOrient();
  return { image, ...drawnAs(sizeOf(metadata)) };
}

async function openTiff(bytes: Buffer): Promise<OpenedImage> {
  const header = tiffHeader(bytes);
  if (header === undefined) throw new ImageError("damaged: a TIFF without a first directory");
  const unread = unreadTiff(header);
  if (unread !== undefined) throw notRead(unread);
  // Below this the decoder draws a tile that it cannot read in black.
  const options: SharpOptions = { failOn: header.tiled ? "warning" : "error", limitInputChannels: 10_000 };
  const metadata = await sharp(bytes, options).metadata();
  const size = drawnAs(sizeOf(metadata));
  const { depth, space, hasProfile } = metadata;
  if (isPlainYcbcr(header)) return { image: await openYcbcr(sharp(bytes, options)), ...size };
  const extra = header.samples - coloursOf(header);
  const whole = (depth === "uchar" || depth === "ushort") && extra <= 1;
  // Floats of three bands are light, 1 is white; others may be anything.
  const light = depth === "float" && space === "scrgb" && extra <= 1 && (await isLight(bytes, options));
  if (!whole && !light) return { image: await openMeasures(bytes, options, space, header), ...size };
  const opened = sharp(bytes, options);
  const isAlpha = extra === 0 || hasAlpha(header);
  if (depth === "ushort" && !hasProfile && space !== "cmyk") {
    return { image: await openDeep(isAlpha ? opened : opened.removeAlpha(), space, header), ...size };
  }
  return { image: isAlpha ? opened.autoOrient() : await withoutLastBand(opened), ...size };
}

/** In two steps: of one, flattening would come before. */
async function withoutLastBand(opened: Sharp): Promise<Sharp> {
  const colours = opened.autoOrient().removeAlpha().toColourspace("srgb").raw({ depth: "uchar" });
  const { data, info } = await colours.toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
}

/** Whether the values of float bands look like shares of white, and not like measures. */
async function isLight(bytes: Buffer, options: SharpOptions): Promise<boolean> {
  const { channels } = await sharp(bytes, options).stats();
  return channels.every(({ mean, min, max }) => mean >= 0 && mean <= 1 && min > -2 && max <= BRIGHTEST);
}

/** Of a picture that is as large as its file says. */
function drawnAs(size: ImageSize): Omit<OpenedImage, "image"> {
  return { ...size, drawn: size };
}

function sizeOf({ autoOrient: { width, height } }: Metadata): ImageSize {
  return { width, height };
}
