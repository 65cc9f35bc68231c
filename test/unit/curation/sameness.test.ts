import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PictureComparer } from "../../../src/core/curation/index.ts";
import { ALIKE_KINDS } from "../../fixtures/alikeKinds.ts";
import { COPY_FORMS } from "../../fixtures/copyForms.ts";
import { svg } from "../../fixtures/drawing.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-sameness-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
async function file(picture: Sharp, ending = "png"): Promise<string> {
  const path = join(root, `${made++}.${ending}`);
  await picture.toFile(path);
  return path;
}
const drawn = (text: string) => sharp(Buffer.from(text));
const draw = (kind: string, n: number) => drawn(ALIKE_KINDS[kind]!(n));
const same = async (a: string, b: string) => new PictureComparer().same(a, b);
const halfJpeg = async (path: string, ground = "#fff") => {
  const { width } = await sharp(path).metadata();
  const half = sharp(path)
    .resize(width >> 1)
    .flatten({ background: ground });
  return file(half.jpeg({ quality: 60 }), "jpg");
};

describe("pictures that are mostly one colour differ in what little is not", () => {
  test.each(Object.keys(ALIKE_KINDS))("%s: two of them are not the same, a halved copy is", async (kind) => {
    const [one, other] = [await file(draw(kind, 1)), await file(draw(kind, 3))];
    const ground = kind.startsWith("white lines") ? "#345" : "#fff";
    const copy = await halfJpeg(one, ground);
    expect(await same(one, other)).toBe(false);
    expect(await same(other, copy)).toBe(false);
    // Half an icon has 32 pixels, and the words beside the lamps are four pixels high.
    expect(await new PictureComparer().compare(one, copy)).toBe(["icon", "lamps"].includes(kind) ? "perhaps" : "same");
  });

  test("a single digit is another invoice, also at half the size", async () => {
    const [six, eight] = [
      await file(draw("invoice, another number", 6)),
      await file(draw("invoice, another number", 8)),
    ];
    expect(await same(six, eight)).toBe(false);
    expect(await same(six, await halfJpeg(eight))).toBe(false);
  });
});

describe("an edit at one place, of a picture that is the same everywhere else to the last level", () => {
  const SIDE = 24;
  /** Squares of a few colours, as of a sprite, of one size each; of some, another colour of the same brightness. */
  const sprite = (factor: number, edited = 0) => {
    const colours = [
      [220, 40, 40],
      [40, 60, 200],
      [250, 220, 90],
      [30, 30, 30],
    ];
    const pixels = Buffer.from(
      Array.from({ length: SIDE * SIDE }, (_, i) => {
        if (i > 7 * SIDE + 9 && i <= 7 * SIDE + 9 + edited) return [20, 122, 110];
        return colours[Math.floor(Math.abs(Math.sin(i * 12.9898) * 43758.5453)) % 4]!;
      }).flat(),
    );
    const enlarged = { width: SIDE * factor, height: SIDE * factor, kernel: "nearest" } as const;
    return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } }).resize(enlarged);
  };

  test.each([
    [1, 1],
    [8, 8],
    [1, 8],
    [3, 8],
  ])("a pixel of a sprite, enlarged %d and %d times; without the edit they are the same", async (one, other) => {
    const [a, b] = [await file(sprite(one)), await file(sprite(other))];
    expect(await same(a, b)).toBe(true);
    for (const edited of [1, 3]) expect(await same(a, await file(sprite(other, edited))), String(edited)).toBe(false);
  });

  test("a dot of another colour on a photograph-like ground; formats without loss stay the same", async () => {
    const soft = Buffer.from(Array.from({ length: 3600 }, (_, i) => Math.abs(Math.sin(i * 78.233) * 43758.5453) % 256));
    const clouds = () =>
      sharp(soft, { raw: { width: 40, height: 30, channels: 3 } }).resize(400, 300, { kernel: "cubic" });
    const dot = '<svg width="400" height="300"><circle cx="170" cy="120" r="3" fill="#c23"/></svg>';
    const plain = await file(clouds());
    expect(await same(plain, await file(sharp(plain).composite([{ input: Buffer.from(dot) }])))).toBe(false);
    expect(await same(plain, await file(sharp(plain).webp({ lossless: true }), "webp"))).toBe(true);
    expect(await same(plain, await file(sharp(plain).tiff({ compression: "lzw" }), "tiff"))).toBe(true);
    for (const quality of [100, 90, 70]) {
      expect(await same(plain, await file(sharp(plain).jpeg({ quality }), "jpg")), String(quality)).toBe(true);
    }
  });
});

describe("little that differs, in a copy that lost something", () => {
  /** Lines between points, as of a network; one may be left out. */
  const network = (without = -1) => {
    const at = (i: number) => `${40 + ((i * 197) % 620)} ${40 + ((i * 331) % 480)}`;
    const lines = Array.from({ length: 30 }, (_, i) => (i === without ? "" : `<path d="M${at(i)}L${at(i + 7)}"/>`));
    return svg(700, 560, `<g stroke="#999" fill="none">${lines.join("")}</g>`);
  };
  /** Its digits are as bright as the ground. */
  const stamp = (day: number) =>
    svg(
      400,
      300,
      `<rect width="400" height="300" fill="#b7b7b7"/><circle cx="90" cy="80" r="50" fill="#345"/>
       <text x="150" y="280" font-family="DejaVu Sans" font-weight="bold" font-size="24" fill="#ffb020">2021-07-0${day}</text>`,
    );
  const swatches = (blue = 0) =>
    svg(
      480,
      320,
      Array.from({ length: 24 }, (_, i) => {
        const [r, g, b] = [(i * 67) % 256, (i * 131) % 256, 40 + ((i * 29) % 170) + (i === 9 ? blue : 0)];
        return `<rect x="${(i % 6) * 80}" y="${Math.floor(i / 6) * 80}" width="80" height="80" fill="rgb(${r},${g},${b})"/>`;
      }).join(""),
    );
  const bottle = (size: number) => {
    const [wide, high] = [200 * size, 400 * size];
    const body = `<rect x="${300 - wide / 2}" y="${560 - high}" width="${wide}" height="${high}" rx="30" fill="#285"/>`;
    return svg(600, 600, `${body}<circle cx="300" cy="${560 - high / 2}" r="${60 * size}" fill="#fe8"/>`);
  };
  const ways: readonly (readonly [string, (picture: Sharp, width: number) => Sharp])[] = [
    ["JPEG 75", (picture) => picture.flatten({ background: "#fff" }).jpeg({ quality: 75 })],
    ["half, PNG", (picture, width) => picture.resize(width / 2)],
    [
      "half, JPEG 75",
      (picture, width) =>
        picture
          .resize(width / 2)
          .flatten({ background: "#fff" })
          .jpeg({ quality: 75 }),
    ],
  ];

  test.each([
    ["a line of a network", network(), network(11)],
    ["a digit as bright as its ground", stamp(3), stamp(5)],
    ["a swatch that is a little bluer", swatches(), swatches(14)],
    ["a product that is a little larger", bottle(1), bottle(1.05)],
  ])("%s is another picture", async (name, one, other) => {
    const picture = await file(drawn(one));
    const { width } = await sharp(picture).metadata();
    expect(await same(picture, await file(drawn(other)))).toBe(false);
    for (const [way, make] of ways) {
      // Colours of a quarter of the places: what tells them apart is not there any more.
      if (way === "half, JPEG 75" && name.startsWith("a digit")) continue;
      const ending = way.includes("JPEG") ? "jpg" : "png";
      expect(await same(picture, await file(make(drawn(one), width), ending)), `a copy, ${way}`).toBe(true);
      expect(await same(picture, await file(make(drawn(other), width), ending)), `another, ${way}`).toBe(false);
    }
  });

  test("of an icon that was compressed until a pixel could be another one, nothing is known", async () => {
    const noise = (i: number) => Math.floor(Math.abs(Math.sin(i * 12.9898) * 43758.5453) % 256);
    const icon = (edited: boolean) => {
      const pixels = Buffer.from(Array.from({ length: 32 * 32 * 3 }, (_, i) => noise(Math.floor(i / 6) * 3 + (i % 3))));
      if (edited) pixels.fill(Buffer.from([193, 219, 94]), 3 * (12 * 32 + 10), 3 * (12 * 32 + 12));
      return sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } });
    };
    const picture = await file(icon(false));
    expect(await same(picture, await file(icon(true).jpeg({ quality: 85 }), "jpg"))).toBe(false);
    expect(await same(picture, await file(icon(false).webp({ lossless: true }), "webp"))).toBe(true);
  });
});

describe("what was cut off lies within the other; what moved does not", () => {
  const frame = (y: number) => {
    const ball = `<ellipse cx="50" cy="${y}" rx="24" ry="22" fill="#d22"/>`;
    return drawn(svg(100, 100, `${ball}<path d="M30 ${y}h40" stroke="#fe0" stroke-width="6"/>`));
  };
  test.each([2, 4])("a ball that moved by %d pixels is another frame", async (pixels) => {
    const [one, other] = [await file(frame(40)), await file(frame(40 + pixels))];
    expect(await same(one, other)).toBe(false);
    expect(await same(one, await file(sharp(one).flatten({ background: "#fff" }).jpeg({ quality: 80 }), "jpg"))).toBe(
      true,
    );
  });

  test("two windows on one map, of one size or of two, are no copies; a window within another is", async () => {
    const map = await draw("scatter plot", 5).png().toBuffer();
    const part = (left: number, top: number, width: number, height: number) =>
      file(sharp(map).extract({ left, top, width, height }));
    const [one, moved, other] = [
      await part(10, 10, 500, 400),
      await part(16, 12, 500, 400),
      await part(16, 12, 498, 403),
    ];
    expect(await same(one, moved)).toBe(false);
    expect(await same(one, other)).toBe(false);
    expect(await same(one, await part(13, 12, 494, 395))).toBe(true);
  });
});

test.each(Object.keys(COPY_FORMS))("a copy is the same picture: %s", async (form) => {
  const { ending, make } = COPY_FORMS[form]!;
  const drawing = draw("numeral", 2).resize(320);
  const { data, info } = await drawing.png().toBuffer({ resolveWithObject: true });
  const [picture, copy] = [await file(sharp(data)), await file(await make(data, info, "#fff"), ending)];
  expect(await same(picture, copy)).toBe(true);
});

test("plain pictures are the same only in colour, transparency and shape", async () => {
  const plain = (background: string | object, width: number, height: number) =>
    file(sharp({ create: { width, height, channels: 4, background: background as string } }));
  const clear = { r: 255, g: 255, b: 255, alpha: 0 };
  const blue = await plain("#150087", 60, 40);
  expect(await same(blue, await plain("#0a2090", 60, 40))).toBe(false);
  expect(await same(await plain(clear, 3, 1), await plain("#fff", 100, 100))).toBe(false);
  expect(await same(await plain(clear, 60, 40), await plain("#fff", 60, 40))).toBe(false);
  expect(await same(blue, await plain("#150087", 40, 60))).toBe(false);
  expect(await same(blue, await file(sharp(blue).jpeg({ quality: 80 }), "jpg"))).toBe(true);
  expect(await same(blue, await plain("#150087", 120, 80))).toBe(false);
});

describe("colours", () => {
  const flag = (...colours: string[]) =>
    file(
      drawn(
        svg(600, 400, colours.map((c, i) => `<rect x="${200 * i}" width="200" height="400" fill="${c}"/>`).join("")),
      ),
    );

  test("the same layout in other colours is another picture, however near they are", async () => {
    const romania = await flag("#002B7F", "#FCD116", "#CE1126");
    expect(await same(romania, await flag("#002664", "#FECB00", "#C60C30"))).toBe(false);
    expect(await same(romania, await halfJpeg(romania))).toBe(true);
  });

  test("what a profile or a conversion for print does is no other picture", async () => {
    const romania = await flag("#002B7F", "#FCD116", "#CE1126");
    const print = () => sharp(romania).toColourspace("cmyk");
    expect(await same(romania, await file(print().withIccProfile("cmyk").jpeg({ quality: 95 }), "jpg"))).toBe(true);
    expect(await same(romania, await file(print().tiff(), "tif"))).toBe(true);
    const wide = await sharp(romania).withIccProfile("p3").png().toBuffer();
    expect(await same(romania, await file(sharp(wide, { ignoreIcc: true })))).toBe(true);
  });
});

describe("transparency", () => {
  const ring = (colour: string, x: number) =>
    file(drawn(svg(120, 120, `<circle cx="${x}" cy="60" r="40" fill="none" stroke="${colour}" stroke-width="8"/>`)));

  test("is a part of the picture: the ground it is put on may be any, what is not seen there is not compared", async () => {
    const white = await ring("#fff", 60);
    const on = (background: string) => file(sharp(white).flatten({ background }).jpeg({ quality: 80 }), "jpg");
    expect(await same(white, await on("#247"))).toBe(true);
    expect(await same(white, await on("#000"))).toBe(true);
    expect(await same(white, await on("#fff"))).toBe(false);
    expect(await same(white, await ring("#fff", 48))).toBe(false);
    expect(await same(white, await ring("#000", 60))).toBe(false);
  });
});

describe("animations", () => {
  const scenes = ["#000", "#c22", "#27c", "#393"];
  const frame = (i: number) =>
    drawn(
      svg(
        80,
        60,
        `<rect width="80" height="60" fill="${scenes[i]}"/><circle cx="${20 + 12 * i}" cy="30" r="9" fill="#fff"/>`,
      ),
    )
      .png()
      .toBuffer();
  const film = async (order: number[], ending: "gif" | "webp") =>
    file(sharp(await Promise.all(order.map(frame)), { join: { animated: true } }), ending);

  test("are the same only if their frames are, and none is the same as its still", async () => {
    const first = await film([0, 1, 2], "gif");
    expect(await same(first, await film([0, 2, 1], "gif"))).toBe(false);
    expect(await same(first, await film([0, 1], "gif"))).toBe(false);
    expect(await same(first, await film([0, 1, 2], "webp"))).toBe(true);
    expect(await same(first, await file(sharp(await frame(0))))).toBe(false);
  });
});
