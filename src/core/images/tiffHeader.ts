/** What the first directory of a TIFF file says of its picture (TIFF 6.0; BigTIFF). */
export interface TiffHeader {
  readonly width: number;
  readonly height: number;
  /** Bits per sample of the first band. */
  readonly bits: number;
  /** Tag Compression. */
  readonly compression: number;
  /** Tag PhotometricInterpretation; undefined where it is missing. */
  readonly photometric: number | undefined;
  /** Bands. */
  readonly samples: number;
  /** Tag SampleFormat: 1 whole numbers, 2 signed ones, 3 float, others complex or of no stated meaning. */
  readonly format: number;
  /** Meanings of the bands beyond those of the colours: 1 and 2 alpha, 0 not stated. */
  readonly extra: readonly number[];
  readonly tiled: boolean;
  /** Each band in tiles or strips of its own. */
  readonly planar: boolean;
  /** Value that stands for no data (GDAL). */
  readonly noData: number | undefined;
  /** Of YCbCr: pixels across and down that share their colours. */
  readonly subsampling: readonly number[];
  /** The picture is a camera's preview, or not developed yet. */
  readonly raw: boolean;
}

const TAG = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  samples: 277,
  stripBytes: 279,
  planar: 284,
  tileWidth: 322,
  tileBytes: 325,
  subdirectories: 330,
  extra: 338,
  format: 339,
  subsampling: 530,
  noData: 42113,
  dngVersion: 50706,
} as const;

/** Names of the compressions that the decoder was built without, or does not know (TIFF 6.0, Adobe's and libtiff's numbers). */
const MISSING_CODECS: Readonly<Record<number, string>> = {
  6: "old-style JPEG",
  9: "JBIG",
  10: "JBIG",
  32766: "NeXT RLE",
  32809: "ThunderScan",
  33003: "JPEG 2000",
  33004: "JPEG 2000",
  33005: "JPEG 2000",
  34661: "JBIG",
  34676: "SGI LogL",
  34677: "SGI LogL",
  34712: "JPEG 2000",
  34887: "LERC",
  34892: "lossy JPEG of a DNG",
  34925: "LZMA",
  50000: "Zstandard",
  50002: "JPEG XL",
  52546: "JPEG XL",
};
const CODECS = new Set([1, 2, 3, 4, 5, 7, 8, 32773, 32946, 50001]);

/** Meanings of the samples other than brightness, RGB, palettes, masks, CMYK and YCbCr. */
const COLOURS: Readonly<Record<number, string>> = {
  9: "ICCLab colours",
  10: "ITULab colours",
  32803: "a sensor's raw colours",
  32844: "LogL brightness",
  32845: "LogLuv colours",
  34892: "a camera's raw colours",
};
const LAB = 8;
const YCBCR = 6;

/** Bytes per value of the types that whole numbers come in, and of text. */
const SIZES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 16: 8 };
/** More values than any of the tags above has. */
const MOST = 64;

/** @returns undefined where the bytes are no TIFF file, or end before the directory does */
export function tiffHeader(bytes: Buffer): TiffHeader | undefined {
  try {
    const tags = firstDirectory(bytes);
    if (tags === undefined) return undefined;
    const one = (tag: number, otherwise: number) => tags.get(tag)?.[0] ?? otherwise;
    const noData = String.fromCharCode(...(tags.get(TAG.noData) ?? [])).replace(/\0.*$/s, "");
    const preview = (one(TAG.subfile, 0) & 1) === 1 && tags.has(TAG.subdirectories);
    return {
      width: one(TAG.width, 0),
      height: one(TAG.height, 0),
      bits: one(TAG.bits, 1),
      compression: one(TAG.compression, 1),
      photometric: tags.get(TAG.photometric)?.[0],
      samples: one(TAG.samples, 1),
      format: one(TAG.format, 1),
      extra: tags.get(TAG.extra) ?? [],
      tiled: tags.has(TAG.tileWidth),
      planar: one(TAG.planar, 1) === 2,
      noData: noData.trim() === "" || !Number.isFinite(Number(noData)) ? undefined : Number(noData),
      subsampling: tags.get(TAG.subsampling) ?? [2, 2],
      raw: preview || tags.has(TAG.dngVersion),
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads values as the file orders them. */
interface Numbers {
  readonly short: (at: number) => number;
  /** Where something lies, and how many there are of it: 4 bytes, of a BigTIFF 8. */
  readonly offset: (at: number) => number;
  /** By the type of a field. */
  readonly read: Readonly<Record<number, (at: number) => number>>;
  readonly big: boolean;
}

function numbersOf(bytes: Buffer): Numbers | undefined {
  const order = bytes.toString("latin1", 0, 2);
  if (order !== "II" && order !== "MM") return undefined;
  const little = order === "II";
  const short = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const long = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const long8 = (at: number) => Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  const version = short(2);
  if (version !== 42 && version !== 43) return undefined;
  const big = version === 43;
  const byte = (at: number) => bytes.readUInt8(at);
  return { short, offset: big ? long8 : long, read: { 1: byte, 2: byte, 3: short, 4: long, 16: long8 }, big };
}

/** Where the fields of a directory lie. */
function fieldsAt({ short, offset, big }: Numbers, directory: number) {
  const count = big ? offset(directory) : short(directory);
  const [first, size] = [directory + (big ? 8 : 2), big ? 20 : 12];
  return { count, first, size, end: first + count * size };
}

/** @param wanted is called with the tag of each field of the first directory, its number of values and how to read one */
function eachField(bytes: Buffer, wanted: (tag: number, count: number, value: (k: number) => number) => void): boolean {
  const numbers = numbersOf(bytes);
  if (numbers === undefined) return false;
  const { short, offset, read, big } = numbers;
  const { count: entries, first, size } = fieldsAt(numbers, offset(big ? 8 : 4));
  for (let i = 0; i < entries; i++) {
    const entry = first + i * size;
    const type = short(entry + 2);
    const [each, value] = [SIZES[type], read[type]];
    if (each === undefined || value === undefined) continue;
    const count = offset(entry + 4);
    const field = entry + (big ? 12 : 8);
    const at = count * each > (big ? 8 : 4) ? offset(field) : field;
    wanted(short(entry), count, (k) => value(at + k * each));
  }
  return true;
}

function firstDirectory(bytes: Buffer): Map<number, number[]> | undefined {
  const tags = new Map<number, number[]>();
  const isTiff = eachField(bytes, (tag, count, value) => {
    tags.set(
      tag,
      Array.from({ length: Math.min(count, MOST) }, (_, k) => value(k)),
    );
  });
  return isTiff ? tags : undefined;
}

/** How many directories follow one another, up to `most`; one that leads back counts again. @throws RangeError beyond the file */
export function directoriesOf(bytes: Buffer, most: number): number {
  const numbers = numbersOf(bytes);
  if (numbers === undefined) return 0;
  let found = 0;
  for (let at = numbers.offset(numbers.big ? 8 : 4); at !== 0 && found < most; found++) {
    at = numbers.offset(fieldsAt(numbers, at).end);
  }
  return found;
}

/** Bytes of all tiles or strips of the first picture: more than the file has where they share theirs. @throws RangeError beyond the file */
export function tileBytesOf(bytes: Buffer): number {
  let sum = 0;
  eachField(bytes, (tag, count, value) => {
    if (tag !== TAG.stripBytes && tag !== TAG.tileBytes) return;
    for (let k = 0; k < count && sum <= bytes.length; k++) sum += value(k);
  });
  return sum;
}

/** Why a TIFF file is of a kind that is not read, as the name of that kind; undefined where it is read. */
export function unreadTiff(header: TiffHeader): string | undefined {
  const { compression, photometric, tiled, planar, bits, samples, format, raw } = header;
  if (raw) return "camera raw";
  if (!CODECS.has(compression)) return `TIFF compressed with ${MISSING_CODECS[compression] ?? `method ${compression}`}`;
  if (photometric === undefined) return "TIFF that does not say what its samples mean";
  const colours = COLOURS[photometric] ?? (photometric === LAB && bits === 8 ? "CIELab colours of 8 bits" : undefined);
  if (colours !== undefined) return `TIFF with ${colours}`;
  if (tiled && planar && samples > 1) return "TIFF with separate planes in tiles";
  if (planar && samples > coloursOf(header) && !hasAlpha(header)) return "TIFF with separate planes of more bands";
  if (![1, 2, 4, 8, 16, 32, 64].includes(bits)) return `TIFF of ${bits} bits`;
  if (bits === 16 && format === 3) return "TIFF of 16-bit floats";
  if (bits === 64) return "TIFF of 64-bit samples";
  if (format === 2 && bits === 16 && samples > 1) return "TIFF with several bands of signed samples";
  if (photometric === YCBCR && (bits !== 8 || samples !== 3))
    return "TIFF with YCbCr of other than three bands of 8 bits";
  if (photometric === 5 && samples > 5) return "TIFF with CMYK and more bands";
  return format > 4 ? "TIFF of complex numbers" : undefined;
}

/**
 * Whether the samples are YCbCr side by side, which the decoder takes for RGB: it converts JPEG, and what shares colours
 * between pixels.
 */
export function isPlainYcbcr({ photometric, compression, subsampling: [across, down] }: TiffHeader): boolean {
  return photometric === YCBCR && compression !== 7 && across === 1 && down === 1;
}

/** Whether 0 is white (PhotometricInterpretation WhiteIsZero). */
export function isWhiteZero({ photometric }: TiffHeader): boolean {
  return photometric === 0;
}

/** How many of the bands are colours. */
export function coloursOf({ photometric, samples }: TiffHeader): number {
  const colours = photometric === 2 || photometric === 6 || photometric === LAB ? 3 : photometric === 5 ? 4 : 1;
  return Math.min(colours, samples);
}

/**
 * Whether the band after the colours is alpha: where the file says so, and where it says nothing of a single band after
 * RGB, as many writers have left it. One that says that the meaning is not stated has none.
 */
export function hasAlpha({ extra, photometric, samples }: TiffHeader): boolean {
  if (extra.length === 0) return photometric === 2 && samples === 4;
  return extra[0] === 1 || extra[0] === 2;
}
