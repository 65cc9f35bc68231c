import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PictureComparer } from "../../../src/core/curation/index.ts";
import { svg } from "../../fixtures/drawing.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-perhaps-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
async function file(picture: Sharp, ending = "png"): Promise<string> {
  const path = join(root, `${made++}.${ending}`);
  await picture.toFile(path);
  return path;
}
const compare = (a: string, b: string) => new PictureComparer().compare(a, b);
const random = (i: number) => Math.abs(Math.sin(i * 12.9898) * 43758.5453) % 1;
const shade = (a: number) => (b: number) => `rgb(${a},${a},${b})`;

describe("a picture of few pixels and another size of it: each pixel may be what differs", () => {
  /** Squares of a few colours; some of another colour. */
  const sprite = (edited = 0) => {
    const colours = ["#d82828", "#283cc8", "#fada5a", "#1e1e1e"];
    const squares = Array.from({ length: 24 * 24 }, (_, i) => {
      const colour = i > 300 && i <= 300 + edited ? "#14e86e" : colours[Math.floor(4 * random(i))]!;
      return `<rect x="${i % 24}" y="${Math.floor(i / 24)}" width="1" height="1" fill="${colour}"/>`;
    });
    return sharp(Buffer.from(svg(24, 24, `<g shape-rendering="crispEdges">${squares.join("")}</g>`)));
  };

  const icon = (mark = "") =>
    sharp(
      Buffer.from(
        svg(
          48,
          48,
          `<rect width="48" height="48" rx="9" fill="#e22"/><circle cx="24" cy="20" r="10" fill="#2e2"/>
           <path d="M8 40h32" stroke="#22e" stroke-width="5"/>${mark}`,
        ),
      ),
    );

  test.each([24, 16, 12])(
    "in strong colours at %d pixels, compressed or by leaving out pixels, it is perhaps the same",
    async (side) => {
      const one = await file(icon());
      for (const kernel of ["nearest", "cubic"] as const) {
        const small = sharp(one).resize(side, side, { kernel });
        expect(await compare(one, await file(small))).toBe("perhaps");
        expect(await compare(one, await file(small.flatten({ background: "#fff" }).jpeg(), "jpg"))).toBe("perhaps");
      }
    },
  );

  test("so the small form of one with another mark is never certainly the same", async () => {
    const one = await file(icon());
    for (const mark of [
      '<rect x="30" y="30" width="2" height="2"/>',
      '<rect x="4" y="24" width="5" height="1" fill="#fff"/>',
    ]) {
      for (const side of [48, 24, 16]) expect(await compare(one, await file(icon(mark).resize(side)))).not.toBe("same");
    }
  });

  test("of the same size, or drawn larger without loss, it is the same", async () => {
    const one = await file(sprite());
    expect(await compare(one, await file(sprite().webp({ lossless: true }), "webp"))).toBe("same");
    expect(await compare(one, await file(sprite().resize(192, 192, { kernel: "nearest" })))).toBe("same");
    expect(await compare(one, await file(sprite(1)))).toBe("other");
  });
});

describe("grain, in which faint strokes are lost", () => {
  const noise = (scratch = 0) => {
    const line = `<svg width="300" height="240"><path d="M60 40L200 170" stroke="#fff" stroke-opacity="${scratch}"/></svg>`;
    const grey = Buffer.from(Array.from({ length: 300 * 240 }, (_, i) => 90 + 80 * random(i)));
    const picture = sharp(grey, { raw: { width: 300, height: 240, channels: 1 } }).toColourspace("srgb");
    return scratch === 0 ? picture : picture.composite([{ input: Buffer.from(line) }]);
  };

  test("a lossy copy is perhaps the same, one without loss is", async () => {
    const one = await file(noise());
    expect(await compare(one, await file(noise().webp({ lossless: true }), "webp"))).toBe("same");
    expect(await compare(one, await file(noise().jpeg({ quality: 85 }), "jpg"))).toBe("perhaps");
  });

  test("a scratch as faint as the grain is never the same", async () => {
    const one = await file(noise());
    expect(await compare(one, await file(noise(0.12)))).not.toBe("same");
    for (const quality of [90, 50]) {
      expect(await compare(one, await file(noise(0.12).jpeg({ quality }), "jpg")), String(quality)).not.toBe("same");
    }
  });
});

describe("one place that differs by far more than all others", () => {
  /** Soft areas and a row of discs, of which one may have another shade. */
  const discs = (change = 0) => {
    const body = Array.from({ length: 9 }, (_, i) => {
      const grey = 150 + (i === 4 ? change : 0);
      return `<circle cx="${40 + i * 60}" cy="${60 + 30 * (i % 3)}" r="9" fill="${shade(grey)(grey + 20)}"/>`;
    });
    return sharp(Buffer.from(svg(600, 200, `<rect width="600" height="200" fill="#e8eef4"/>${body.join("")}`)));
  };

  test("is not certainly the same, whatever hides it; without it the copy is", async () => {
    const one = await file(discs());
    for (const quality of [75, 60]) {
      expect(await compare(one, await file(discs().jpeg({ quality }), "jpg"))).toBe("same");
      expect(await compare(one, await file(discs().resize(300).jpeg({ quality }), "jpg"))).toBe("same");
      for (const change of [16, 24]) {
        expect(await compare(one, await file(discs(change).jpeg({ quality }), "jpg")), `${change}`).not.toBe("same");
        const half = await file(discs(change).resize(300).jpeg({ quality }), "jpg");
        expect(await compare(one, half), `half, ${change}`).not.toBe("same");
      }
    }
  });
});

describe("a copy so small that strokes of the larger picture are lost in it", () => {
  const page = (figure: string) => {
    const lines = Array.from({ length: 24 }, (_, i) => {
      const text = i === 13 ? `Total due ${figure}` : `Item ${i + 11} of ${Math.floor(1e4 * random(i))} parts`;
      return `<text x="40" y="${60 + 30 * i}">${text}</text>`;
    });
    return svg(800, 800, `<rect width="800" height="800" fill="#fff"/><g font-size="18">${lines.join("")}</g>`);
  };
  const drawn = (figure = "1736") => sharp(Buffer.from(page(figure)));

  test("is perhaps the same; a larger one is certainly, and one of another page is not", async () => {
    const one = await file(drawn());
    for (const [side, grade] of [
      [400, "same"],
      [100, "perhaps"],
    ] as const) {
      expect(await compare(one, await file(drawn().resize(side).jpeg({ quality: 75 }), "jpg")), `${side}`).toBe(grade);
      const other = await file(drawn("1738").resize(side).jpeg({ quality: 75 }), "jpg");
      expect(await compare(one, other), `another, ${side}`).not.toBe("same");
    }
  });
});

describe("an animation of which one frame passes a limit by little", () => {
  /** Frames of a square that moves. @param marks by frame, how much brighter a disc is, in levels */
  const film = async (marks: Readonly<Record<number, number>> = {}) => {
    const frame = (i: number) => {
      const disc = `<circle cx="60" cy="90" r="8" fill="${shade(120 + (marks[i] ?? 0))(140)}"/>`;
      const square = `<rect x="${15 + 20 * i}" y="30" width="24" height="24" fill="#335"/>`;
      return sharp(Buffer.from(svg(120, 120, `<rect width="120" height="120" fill="#dde"/>${square}${disc}`)))
        .removeAlpha()
        .raw()
        .toBuffer();
    };
    const frames = Buffer.concat(await Promise.all([0, 1, 2, 3].map(frame)));
    const raw = { width: 120, height: 480, channels: 3, pageHeight: 120 } as const;
    return file(sharp(frames, { raw }).webp({ lossless: true, delay: [80, 80, 80, 80] }), "webp");
  };

  test("is perhaps the same; one that passes it by much is another, and the same frames are the same", async () => {
    const one = await film();
    expect(await compare(one, await film())).toBe("same");
    expect(await compare(one, await film({ 2: 9 }))).toBe("perhaps");
    expect(await compare(one, await film({ 2: 60 }))).toBe("other");
    // What comes after the frame in doubt is looked at, too.
    expect(await compare(one, await film({ 1: 9, 3: 60 }))).toBe("other");
    expect(await compare(one, await film({ 0: 9, 3: 60 }))).toBe("other");
  });
});

test("what lies elsewhere by a part of a pixel, as in the next frame of a film, is perhaps the same; a copy lies where it lay", async () => {
  const ball = (x: number) =>
    sharp(
      Buffer.from(
        svg(
          120,
          120,
          `<rect width="120" height="120" fill="#eef"/><circle cx="${x}" cy="60" r="30" fill="#b33"/>
           <circle cx="${x}" cy="60" r="15" fill="#fb4"/>`,
        ),
      ),
    );
  const one = await file(ball(60));
  for (const by of [0.25, 0.4]) expect(await compare(one, await file(ball(60 + by))), `${by}`).not.toBe("same");
  for (const quality of [90, 70, 50]) {
    expect(await compare(one, await file(sharp(one).jpeg({ quality }), "jpg")), `JPEG ${quality}`).toBe("same");
    expect(await compare(one, await file(sharp(one).webp({ quality }), "webp")), `WebP ${quality}`).toBe("same");
  }
  expect(await compare(one, await file(sharp(one).png({ palette: true, colours: 32 })))).toBe("same");
});

test("a thin line in another shade is another picture, where nothing else changed", async () => {
  const frame = (grey: number) =>
    sharp(
      Buffer.from(
        svg(
          100,
          100,
          `<rect width="100" height="100"/><rect x="30.5" y="30.5" width="40" height="40" fill="none" stroke="rgb(${grey},${grey},${grey})"/>`,
        ),
      ),
    );
  const one = await file(frame(150));
  expect(await compare(one, await file(frame(171)))).toBe("other");
  expect(await compare(one, await file(frame(150).tiff(), "tif"))).toBe("same");
  expect(await compare(one, await file(frame(150).png({ palette: true })))).toBe("same");
});

test("a ball in the next frame of a film, on nothing and with an edge of a pixel, is not certainly the same", async () => {
  const ball = (by: number, radius: number) =>
    sharp(
      Buffer.from(
        svg(
          100,
          100,
          `<circle cx="${50 + 0.6 * by}" cy="${50 + 0.8 * by}" r="${radius}" fill="#b33"/>
           <circle cx="${50 + 0.6 * by}" cy="${50 + 0.8 * by}" r="${radius / 2}" fill="#fb4"/>`,
        ),
      ),
    );
  for (const radius of [8, 16, 40]) {
    const one = await file(ball(0, radius));
    for (const by of [0.2, 0.33, 0.5]) {
      expect(await compare(one, await file(ball(by, radius))), `${radius}, ${by}`).not.toBe("same");
    }
    expect(await compare(one, await file(ball(0, radius).webp({ quality: 95 }), "webp"))).toBe("same");
  }
});

describe("small writing that is as bright as the photograph below it", () => {
  /** Soft hills of many shades, with a date in their lower corner. */
  const dated = (colour: string, date: string) => {
    const hills = Array.from({ length: 60 }, (_, i) => {
      const [x, y, r] = [640 * random(i), 640 * random(i + 99), 40 + 120 * random(i + 999)];
      const [red, green, blue] = [0, 1, 2].map((c) => 90 + Math.floor(70 * random(7 * i + c)));
      return `<circle cx="${x}" cy="${y}" r="${r}" fill="rgb(${red},${green},${blue})" fill-opacity="0.7"/>`;
    });
    const ground = `<rect width="640" height="640" fill="#788"/><g filter="url(#soft)">${hills.join("")}</g>`;
    const soft = '<filter id="soft"><feGaussianBlur stdDeviation="9"/></filter>';
    const text = date && `<text x="480" y="600" font-size="14" fill="${colour}">${date}</text>`;
    return sharp(Buffer.from(svg(640, 640, `${soft}${ground}${text}`)));
  };
  const small = (picture: Sharp, side: number) => file(picture.resize(side).jpeg({ quality: 85 }), "jpg");

  test.each(["#d60", "#39f", "#d4b"])(
    "in %s, a small copy may hide another date; without the date it is certain",
    async (colour) => {
      const one = await file(dated(colour, "14.07.2003 16:38"));
      for (const side of [213, 160]) {
        expect(await compare(one, await small(dated(colour, "14.07.2003 16:38"), side)), `${side}`).not.toBe("same");
        expect(await compare(one, await small(dated(colour, "14.07.2008 16:38"), side)), `${side}`).not.toBe("same");
      }
      const plain = await file(dated(colour, ""));
      for (const side of [320, 213]) expect(await compare(plain, await small(dated(colour, ""), side))).toBe("same");
      expect(await compare(one, await file(dated(colour, "14.07.2003 16:38").jpeg({ quality: 85 }), "jpg"))).toBe(
        "same",
      );
    },
  );
});
