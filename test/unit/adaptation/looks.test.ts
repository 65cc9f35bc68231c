import sharp from "sharp";
import { expect, test } from "vitest";
import { firstOfEachLook, lookOf } from "../../../src/core/adaptation/looks.ts";
import { svg } from "../../fixtures/drawing.ts";

const SIDE = 224;

/** A scene of a hill, a sun and a house. */
const scene = (n: number, hue = 40 * n) =>
  sharp(
    Buffer.from(
      svg(
        800,
        600,
        `<rect width="800" height="600" fill="hsl(${hue},50%,80%)"/><circle cx="${120 + 60 * n}" cy="120" r="60" fill="#fc4"/>
         <path d="M0 600L${200 + 50 * n} 260L800 600z" fill="hsl(${hue + 90},40%,45%)"/><rect x="${500 - 30 * n}" y="400" width="110" height="90" fill="#a44"/>`,
      ),
    ),
  );
const look = async (picture: Buffer) =>
  lookOf(await sharp(picture).resize(SIDE, SIDE, { fit: "fill" }).removeAlpha().raw().toBuffer(), SIDE, SIDE);

test("sizes and encodings of one picture are one look, other pictures others", async () => {
  const copies: Buffer[] = [];
  for (const side of [800, 500, 300, 160]) {
    for (const quality of [95, 60, 25]) copies.push(await scene(1).resize(side).jpeg({ quality }).toBuffer());
    copies.push(await scene(1).resize(side).webp({ quality: 50 }).toBuffer());
  }
  const others = await Promise.all([2, 3, 4].map((n) => scene(n).png().toBuffer()));
  const looks = await Promise.all([others[0]!, ...copies, ...others.slice(1)].map(look));
  expect(await firstOfEachLook(looks)).toEqual([0, 1, copies.length + 1, copies.length + 2]);
});

test("the same shapes in other colours of the same brightness are another look", async () => {
  const [red, green] = await Promise.all(
    [
      { r: 180, g: 60, b: 60 },
      { r: 60, g: 121, b: 60 },
    ].map((background) =>
      sharp({ create: { width: 300, height: 300, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  expect(await firstOfEachLook([await look(red!), await look(green!), await look(red!)])).toEqual([0, 1]);
});

test("frames of a film differ little one by one, and are not one look", async () => {
  const frames = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      sharp(
        Buffer.from(
          svg(800, 600, `<rect width="800" height="600" fill="#dde"/><circle cx="${100 + 10 * i}" cy="300" r="90"/>`),
        ),
      )
        .png()
        .toBuffer(),
    ),
  );
  expect((await firstOfEachLook(await Promise.all(frames.map(look)))).length).toBeGreaterThan(6);
});
