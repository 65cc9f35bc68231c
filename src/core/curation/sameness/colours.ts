import sharp from "sharp";
import type { Raster } from "./lay.ts";

/** Linear RGB of one set of primaries from that of another, row by row; both with the white D65. */
type Matrix = readonly [number, number, number, number, number, number, number, number, number];

/** Display P3 and Adobe RGB (1998) from sRGB: products of the matrices of IEC 61966-2-1, SMPTE EG 432-1 and Adobe. */
const P3_FROM_SRGB: Matrix = [0.8225, 0.1774, 0, 0.0332, 0.9669, 0, 0.0171, 0.0724, 0.9108];
const ADOBE_FROM_SRGB: Matrix = [0.7152, 0.2848, 0, 0, 1, 0, 0, 0.0412, 0.9588];

const SRGB = {
  toLinear: (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4),
  fromLinear: (v: number) => (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055),
};
const ADOBE = { toLinear: (v: number) => v ** 2.19921875, fromLinear: (v: number) => v ** (1 / 2.19921875) };

/** What becomes of colours where a profile is applied, and then lost: the map of 0..255 for each. */
const PROFILES = [
  table(SRGB.toLinear, P3_FROM_SRGB, SRGB.fromLinear),
  table(SRGB.toLinear, ADOBE_FROM_SRGB, ADOBE.fromLinear),
];

function table(toLinear: (v: number) => number, matrix: Matrix, fromLinear: (v: number) => number) {
  const linear = Float32Array.from({ length: 256 }, (_, i) => toLinear(i / 255));
  const back = Uint8Array.from({ length: 4097 }, (_, i) => Math.round(255 * Math.min(1, fromLinear(i / 4096))));
  return { linear, matrix, back };
}

/** Conversions that are looked at closely: small pictures do not tell those for print apart. */
const TRIED = 2;
/** Side of the small pictures by which a map of colours is chosen; they keep colours as they are, since none of the maps is linear. */
const SIDE = 48;

type ColourMap = (rgba: Raster) => Promise<Uint8Array> | Uint8Array;

/** The ways that colours are known to go: through a profile that is lost, or through the colours of print and back. */
const WAYS: readonly ColourMap[] = [
  ...PROFILES.map(
    (profile): ColourMap =>
      ({ pixels }) =>
        mapped(pixels, profile),
  ),
  (raster) => printed(raster, true),
  (raster) => printed(raster, false),
];

/**
 * Two pictures, one of them in the colours that it would have if one of the common profiles (Display P3, Adobe RGB) had been applied to it and lost, or if it had been made ready for print, where that explains how they differ.
 * No map is fitted: of few colours, any would do.
 * @param enough part of the difference that has to be gone
 * @returns what may explain it, the likeliest first
 */
export async function conversions(a: Raster, b: Raster, enough: number): Promise<(() => Promise<[Raster, Raster]>)[]> {
  const [small, other] = [await shrunk(a), await shrunk(b)];
  const most = apart(small, other) * (1 - enough);
  const found: { readonly left: number; readonly make: () => Promise<[Raster, Raster]> }[] = [];
  for (const way of WAYS) {
    const converted = async (raster: Raster) => ({ ...raster, pixels: await way(raster) });
    const first = apart(await converted(small), other);
    if (first < most) found.push({ left: first, make: async () => [await converted(a), b] });
    const second = apart(small, await converted(other));
    if (second < most) found.push({ left: second, make: async () => [a, await converted(b)] });
  }
  return found
    .sort((p, q) => p.left - q.left)
    .slice(0, TRIED)
    .map(({ make }) => make);
}

/** Sum of the differences of colour. */
function apart(a: Raster, b: Raster): number {
  return a.pixels.reduce((sum, v, i) => sum + (i % 4 === 3 ? 0 : Math.abs(v - b.pixels[i]!)), 0);
}

async function shrunk({ width, height, pixels }: Raster): Promise<Raster> {
  const small = await sharp(pixels, { raw: { width, height, channels: 4 } })
    .resize(SIDE, SIDE, { fit: "fill", kernel: "nearest" })
    .raw()
    .toBuffer();
  return { width: SIDE, height: SIDE, pixels: small };
}

/** Levels of each channel for which the way through print is worked out; between them it is interpolated. */
const LEVELS = 33;

/** Through CMYK and back, with a profile in the file or without. */
async function printed({ pixels }: Raster, withProfile: boolean): Promise<Uint8Array> {
  const table = await (withProfile ? printTables.profile : printTables.bare)();
  const out = new Uint8Array(pixels.length);
  const scale = (LEVELS - 1) / 255;
  for (let i = 0; i < pixels.length; i += 4) {
    const at = [pixels[i]! * scale, pixels[i + 1]! * scale, pixels[i + 2]! * scale];
    const low = at.map((v) => Math.min(LEVELS - 2, Math.floor(v)));
    for (let c = 0; c < 3; c++) {
      let value = 0;
      // The eight corners of the cell, each by how near it is.
      for (let corner = 0; corner < 8; corner++) {
        let [share, row] = [1, 0];
        for (let k = 0; k < 3; k++) {
          const up = (corner >> k) & 1;
          const along = at[k]! - low[k]!;
          share *= up === 1 ? along : 1 - along;
          row = row * LEVELS + low[k]! + up;
        }
        if (share > 0) value += share * table[3 * row + c]!;
      }
      out[i + c] = Math.round(value);
    }
    out[i + 3] = pixels[i + 3]!;
  }
  return out;
}

/** A conversion takes a fixed tenth of a second, however few pixels there are: each way is worked out once, for all colours of a lattice. */
const printTables = { profile: once(() => printTable(true)), bare: once(() => printTable(false)) };

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** RGB of every colour of the lattice after print, red slowest: uint8 `[LEVELS ^ 3, 3]`. */
async function printTable(withProfile: boolean): Promise<Buffer> {
  const lattice = Buffer.alloc(3 * LEVELS ** 3);
  for (let row = 0; row < LEVELS ** 3; row++) {
    const levels = [Math.floor(row / LEVELS ** 2), Math.floor(row / LEVELS) % LEVELS, row % LEVELS];
    for (const [c, level] of levels.entries()) lattice[3 * row + c] = Math.round((255 * level) / (LEVELS - 1));
  }
  const raw = { width: LEVELS ** 2, height: LEVELS, channels: 3 } as const;
  const cmyk = sharp(lattice, { raw }).toColourspace("cmyk");
  const file = await (withProfile ? cmyk.withIccProfile("cmyk") : cmyk).tiff({ compression: "none" }).toBuffer();
  return sharp(file).toColourspace("srgb").raw({ depth: "uchar" }).toBuffer();
}

function mapped(rgba: Uint8Array, { linear, matrix: m, back }: (typeof PROFILES)[number]): Uint8Array {
  const out = new Uint8Array(rgba.length);
  for (let i = 0; i < rgba.length; i += 4) {
    const r = linear[rgba[i]!]!;
    const g = linear[rgba[i + 1]!]!;
    const b = linear[rgba[i + 2]!]!;
    for (let c = 0; c < 3; c++) {
      const v = m[3 * c]! * r + m[3 * c + 1]! * g + m[3 * c + 2]! * b;
      out[i + c] = back[Math.min(4096, Math.max(0, Math.round(4096 * v)))]!;
    }
    out[i + 3] = rgba[i + 3]!;
  }
  return out;
}
