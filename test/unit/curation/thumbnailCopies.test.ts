import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { PictureComparer } from "../../../src/core/curation/index.ts";
import { svg } from "../../fixtures/drawing.ts";

const folder = mkdtempSync(join(tmpdir(), "lookalike-thumbnails-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const spot = svg(
  64,
  64,
  '<rect width="64" height="64" fill="#145af0"/><rect x="9" y="22" width="11" height="13" fill="#fff"/>',
);

test.each([64, 480, 960])(
  "a compressed thumbnail of 48 pixels is perhaps a drawing of %i, whatever part of a pixel was made of which",
  async (side) => {
    const [large, small] = [join(folder, `${side}.png`), join(folder, `${side}.jpg`)];
    await sharp(Buffer.from(spot), { density: (72 * side) / 64 })
      .resize(side, side)
      .png()
      .toFile(large);
    for (const kernel of ["lanczos3", "cubic", "linear"] as const) {
      await sharp(large).resize(48, 48, { kernel }).jpeg({ quality: 80 }).toFile(small);
      expect(await new PictureComparer().compare(large, small)).toBe("perhaps");
    }
  },
);

test("a sprite with another pixel is another one, also halved and compressed", async () => {
  const sprite = (extra: string) =>
    svg(
      24,
      24,
      `<g shape-rendering="crispEdges"><rect width="24" height="24" fill="#246"/><rect x="6" y="6" width="10" height="12" fill="#fc8"/>${extra}</g>`,
    );
  const [one, other] = [join(folder, "one.png"), join(folder, "other.jpg")];
  await sharp(Buffer.from(sprite("")))
    .resize(48, 48, { kernel: "nearest" })
    .png()
    .toFile(one);
  await sharp(Buffer.from(sprite('<rect x="9" y="9" width="2" height="2" fill="#222"/>')))
    .jpeg({ quality: 85 })
    .toFile(other);
  expect(await new PictureComparer().same(one, other)).toBe(false);
});
