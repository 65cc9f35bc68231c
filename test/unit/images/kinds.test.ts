/** What a file is, by its bytes: read whatever its ending says, or named. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { decodeForModel, ImageError, makeThumbnail } from "../../../src/core/images/index.ts";
import { IMAGE_EXTENSIONS, type InputSpec, isImageName } from "../../../src/shared/index.ts";
import { tiffOf } from "../../fixtures/tiffOf.ts";

const INPUT: InputSpec = { width: 8, height: 8, resize: "squash", background: [255, 255, 255] };
const root = mkdtempSync(join(tmpdir(), "lookalike-kinds-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function file(name: string, bytes: Uint8Array | string): string {
  writeFileSync(join(root, name), bytes);
  return join(root, name);
}

/** Bytes that no coder makes small. */
function noise(length: number): Buffer {
  const random = xoroshiro128plus(7);
  return Buffer.from(Uint8Array.from({ length }, () => random.next() & 255));
}

const scene = () => sharp({ create: { width: 40, height: 30, channels: 3, background: "#c22" } });
const latin1 = (text: string) => Buffer.from(text.padEnd(64, "\0"), "latin1");
const boxOf = (brand: string, compatible = "") =>
  latin1(`\0\0\0${String.fromCharCode(16 + compatible.length)}ftyp${brand}\0\0\0\0${compatible}`);

async function failureOf(path: string): Promise<ImageError> {
  const error: unknown = await decodeForModel(path, INPUT).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (!(error instanceof ImageError)) throw new Error(`${path} was read`);
  return error;
}

test("pictures under another name of their ending, or under a lie, are read", async () => {
  const jpeg = await scene().jpeg().toBuffer();
  const png = await scene().png().toBuffer();
  const names = ["a.jfif", "b.JPE", "c.JPG", "d.heic", "e.png", "f.cr2", "g.mpo"].map((name) => file(name, jpeg));
  names.push(file("g.apng", png), file("h.jpg", png), file("i.jpg", await scene().webp().toBuffer()));
  for (const name of names) {
    expect(await decodeForModel(name, INPUT), name).toMatchObject({ width: 40, height: 30, partial: false });
  }
});

const DNG = tiffOf({ width: 2, height: 2, bands: 1, bits: 8, format: 1, photometric: 32803, data: Buffer.alloc(4) });
const TIFF = { width: 2, height: 2, bands: 1, bits: 8, format: 1, photometric: 1, data: Buffer.alloc(4) };

test.each<[name: string, bytes: Buffer | string, kind: string]>([
  ["phone.jpg", boxOf("heic"), "HEIC"],
  ["phone.heic", boxOf("mif1", "mif1heic"), "HEIC"],
  ["image.png", boxOf("mif1", "mif1miaf"), "HEIF"],
  ["film.gif", boxOf("isom"), "video"],
  ["a.jpg", latin1("\xff\x0a"), "JPEG XL"],
  ["b.jpg", latin1("\0\0\0\x0cJXL \r\n\x87\n"), "JPEG XL"],
  ["c.jpg", latin1("\0\0\0\x0cjP  \r\n\x87\n"), "JPEG 2000"],
  ["canon.jpg", latin1("II*\0\x10\0\0\0CR\x02\0"), "camera raw"],
  ["canon.cr3", boxOf("crx "), "camera raw"],
  ["fuji.tif", latin1("FUJIFILMCCD-RAW 0201"), "camera raw"],
  ["nikon.nef", tiffOf(TIFF), "camera raw"],
  ["slide.svs", tiffOf(TIFF), "microscope slide"],
  ["drawing.svgz", latin1("\x1f\x8b\x08\0"), "compressed SVG"],
  ["drawing.svg", latin1("\x1f\x8b\x08\0"), "gzip"],
  ["two.mpo", latin1("\0\0\x02"), "JPEG of several pictures"],
  ["unknown.tga", latin1("\0\0\x02"), "Targa"],
  ["grey.png", "P5\n2 2\n255\n1234", "portable anymap"],
  ["printed.jpg", latin1("\xc5\xd0\xd3\xc6\x20\0\0\0"), "PostScript"],
  ["symbol.png", latin1("icns\0\0\x01\0"), "icon"],
  ["film.webp", latin1("\x1aE\xdf\xa3\x9f"), "video"],
  ["layers.png", latin1("8BPS\0\x01"), "Photoshop"],
  ["page.jpg", "<!DOCTYPE html><html></html>", "web page"],
  ["missing.jpg", '<!DOCTYPE html>\n<html><body><svg width="9" height="9"></svg></body></html>', "web page"],
  ["refused.png", "\ufeff\n<!-- 403 <svg> -->\n<HTML><body/></HTML>", "web page"],
  ["strict.svg", '<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "web page"],
  ["pointer.png", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "Git LFS pointer"],
  ["sensor.tif", DNG, "TIFF with a sensor's raw colours"],
  ["old.tif", tiffOf({ ...TIFF, compression: 6 }), "TIFF compressed with old-style JPEG"],
  ["lzma.tif", tiffOf({ ...TIFF, compression: 34925 }), "TIFF compressed with LZMA"],
  ["zstd.tif", tiffOf({ ...TIFF, compression: 50000 }), "TIFF compressed with Zstandard"],
  [
    "lab.tif",
    tiffOf({ ...TIFF, bands: 3, photometric: 8, data: Buffer.alloc(12) }),
    "TIFF with CIELab colours of 8 bits",
  ],
  ["twelve.tif", tiffOf({ ...TIFF, bits: 12, data: Buffer.alloc(6) }), "TIFF of 12 bits"],
  ["half.tif", tiffOf({ ...TIFF, bits: 16, format: 3, data: Buffer.alloc(8) }), "TIFF of 16-bit floats"],
])("%s is named by its true kind, not called damaged", async (name, bytes, kind) => {
  const { kind: told, message } = await failureOf(file(name, bytes));
  expect(told).toBe(kind);
  expect(message).toBe(`${kind}: a kind that is not read`);
});

test("a damaged file is damaged, whatever its kind", async () => {
  const tiff = await scene().tiff({ compression: "lzw" }).toBuffer();
  for (const [name, bytes] of [
    ["short.tif", tiff.subarray(0, 40)],
    ["nowhere.tif", latin1("II*\0\x08\0\0\0\x01\0\x06\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0")],
    ["bad.bmp", latin1("BM")],
    ["short.avif", (await scene().avif({ effort: 0 }).toBuffer()).subarray(0, 200)],
  ] as const) {
    const { message, kind } = await failureOf(file(name, bytes));
    expect(message, name).toMatch(/^damaged: /);
    expect(kind).toBeUndefined();
  }
});

test("a tile that cannot be read makes a TIFF damaged, not black", async () => {
  const pixels = noise(256 * 256 * 3);
  const tiled = { tile: true, tileWidth: 64, tileHeight: 64 };
  for (const compression of ["deflate", "lzw"] as const) {
    const image = sharp(pixels, { raw: { width: 256, height: 256, channels: 3 } });
    const bytes = await image.tiff({ compression, ...tiled }).toBuffer();
    expect(await decodeForModel(file("tiles.tif", bytes), INPUT)).toMatchObject({ width: 256 });
    bytes.fill(0x55, 9000, 11_000);
    expect((await failureOf(file("tiles.tif", bytes))).message).toMatch(/^damaged: /);
  }
});

test("what browsers show of a broken stream is shown, and told as a part", async () => {
  const noisy = noise(300 * 200 * 3);
  const raw = { width: 300, height: 200, channels: 3 as const };
  const jpeg = await sharp(noisy, { raw }).jpeg({ quality: 80 }).toBuffer();
  const png = await sharp(noisy, { raw }).png().toBuffer();
  const gif = await sharp(noisy, { raw }).gif().toBuffer();
  const more = Buffer.concat([
    jpeg.subarray(0, jpeg.length / 2),
    Buffer.from([0xff, 0xd3]),
    jpeg.subarray(jpeg.length / 2),
  ]);
  for (const [name, bytes] of [
    ["short.jpg", jpeg.subarray(0, jpeg.length / 2)],
    ["short.png", png.subarray(0, png.length / 2)],
    ["short.gif", gif.subarray(0, gif.length / 2)],
    ["marker.jpg", more],
    ["bytes.jpg", Buffer.concat([jpeg.subarray(0, 20), Buffer.from([0, 1, 2, 3]), jpeg.subarray(20)])],
  ] as const) {
    const path = file(name, bytes);
    expect(await decodeForModel(path, INPUT), name).toMatchObject({ width: 300, height: 200, partial: true });
    expect((await makeThumbnail(path, 64)).bytes.length, name).toBeGreaterThan(100);
  }
  // Of these nothing can be read: a decoder would paint them in one colour.
  for (const [name, bytes] of [
    ["header.jpg", jpeg.subarray(0, jpeg.indexOf(Buffer.from([0xff, 0xda])) + 14)],
    ["header.png", png.subarray(0, 60)],
  ] as const) {
    expect((await failureOf(file(name, bytes))).message, name).toMatch(/^damaged: /);
  }
});

test.skipIf(process.platform === "win32")(
  "a pipe is no image, and nobody waits for it (no pipes on Windows)",
  async () => {
    const path = join(root, "pipe.png");
    execFileSync("sh", ["-c", 'mkfifo "$0"', path]);
    expect((await failureOf(path)).message).toBe("cannot be read (not a file)");
  },
);

test("the menus ask for the endings that are read", () => {
  const { menus } = manifest.contributes;
  const conditions = Object.values(menus).flatMap((items) => items.map((item) => ("when" in item ? item.when : "")));
  const asked = conditions.flatMap((when) => /resourceExtname =~ \/(.+)\/i/.exec(when)?.[1] ?? []);
  expect(asked).toHaveLength(4);
  for (const pattern of asked) {
    const ending = new RegExp(pattern, "i");
    for (const name of IMAGE_EXTENSIONS) expect(`.${name}`).toMatch(ending);
    for (const other of [".heic", ".txt", ".jpegx", ".xpng"]) expect(other).not.toMatch(ending);
  }
  expect(isImageName("A.JPE")).toBe(true);
});
