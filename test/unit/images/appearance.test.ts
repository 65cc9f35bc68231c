import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Appearance, appearanceDistance, appearanceOf } from "../../../src/core/images/index.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-appearance-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function appearance(name: string, picture: Sharp): Promise<Appearance> {
  const file = join(root, name);
  await picture.toFile(file);
  return appearanceOf(file);
}

/** Brightness from a function of place, 0..1 each. */
function drawn(at: (x: number, y: number) => number, side = 256): Sharp {
  const pixels = Uint8Array.from({ length: side * side }, (_, i) =>
    Math.round(255 * at((i % side) / side, Math.floor(i / side) / side)),
  );
  return sharp(pixels, { raw: { width: side, height: side, channels: 1 } });
}

const hills = (x: number, y: number) => 0.5 + 0.25 * Math.cos(5 * x + 1) + 0.2 * Math.sin(7 * y * x + 2);

test("another size, format or compression changes next to nothing", async () => {
  const original = await appearance("a.png", drawn(hills));
  for (const [name, picture] of Object.entries({
    "small.png": drawn(hills).resize(60, 60),
    "large.webp": drawn(hills).resize(700, 700).webp({ quality: 50 }),
    "coarse.jpg": drawn(hills).jpeg({ quality: 30 }),
  })) {
    const { bits, colour } = appearanceDistance(original, await appearance(name, picture));
    expect(bits).toBe(0);
    expect(colour).toBeLessThan(15);
  }
});

test("a mirrored or inverted picture differs in bits, a tinted one in colour alone", async () => {
  const original = await appearance("b.png", drawn(hills));
  const mirrored = appearanceDistance(original, await appearance("mirrored.png", drawn(hills).flop()));
  expect(mirrored.bits).toBeGreaterThan(6);
  const inverted = appearanceDistance(
    original,
    await appearance(
      "inverted.png",
      drawn((x, y) => 1 - hills(x, y)),
    ),
  );
  expect(inverted.bits).toBeGreaterThan(10);
  // Red and green of the same brightness (0.299 and 0.587).
  const flat = (background: { r: number; g: number; b: number }) =>
    sharp({ create: { width: 50, height: 50, channels: 3, background } });
  const red = await appearance("red.png", flat({ r: 196, g: 0, b: 0 }));
  const green = await appearance("green.png", flat({ r: 0, g: 100, b: 0 }));
  expect(appearanceDistance(red, green)).toMatchObject({ bits: 0 });
  expect(appearanceDistance(red, green).colour).toBeCloseTo((196 + 100) / 3, 0);
});

test("a detail makes another picture, though it changes no bit", async () => {
  const clock = (angle: number) => {
    const [x, y] = [64 + 40 * Math.cos(angle), 64 + 40 * Math.sin(angle)];
    const hand = `<path d="M64 64L${x} ${y}" stroke="#222" stroke-width="6"/>`;
    const face = '<circle cx="64" cy="64" r="56" fill="#fff" stroke="#c33" stroke-width="8"/>';
    return sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128">${face}${hand}</svg>`));
  };
  const five = await appearance("five.png", clock(1));
  const half = appearanceDistance(
    five,
    await appearance("half.jpg", clock(1).resize(64).flatten({ background: "#fff" })),
  );
  const six = appearanceDistance(five, await appearance("six.png", clock(1.5)));
  expect(half.colour).toBeLessThan(25);
  expect(six.colour).toBeGreaterThan(50);
});

test("the bits are those of a discrete cosine transform written out", async () => {
  const found = await appearance("c.png", drawn(hills, 128));
  const { data } = await sharp(join(root, "c.png"))
    .resize(32, 32, { fit: "fill", kernel: "linear" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const grey = (x: number, y: number) => data[(y * 32 + x) * (data.length / 1024)]!;
  const frequency = (u: number, v: number) => {
    let sum = 0;
    for (let y = 0; y < 32; y++)
      for (let x = 0; x < 32; x++)
        sum += grey(x, y) * Math.cos((Math.PI * u * (2 * x + 1)) / 64) * Math.cos((Math.PI * v * (2 * y + 1)) / 64);
    return sum;
  };
  const values = Array.from({ length: 64 }, (_, i) => frequency(i % 8, Math.floor(i / 8)));
  const median = values.slice(1).sort((a, b) => a - b)[31]!;
  let sure = 0;
  for (const [i, value] of values.entries()) {
    if (((found.sure[i >> 5]! >>> (i & 31)) & 1) === 0) continue;
    sure++;
    expect((found.hash[i >> 5]! >>> (i & 31)) & 1).toBe(value > median ? 1 : 0);
  }
  expect(sure).toBeGreaterThan(8);
});

test("a file that is no image is named as such", async () => {
  const file = join(root, "no.png");
  writeFileSync(file, "no");
  await expect(appearanceOf(file)).rejects.toThrow(/not an image/);
});
