/** What a file has beside its first picture is told without holding anybody up. */
import sharp from "sharp";
import { expect, test } from "vitest";
import { DecoderProcess } from "../../../src/core/images/decoderProcess.ts";
import { aboutImage, imageFrames, limitDecoding } from "../../../src/core/images/index.ts";
import { manyDirectories, manyFrames, unfoldingTexts } from "../../fixtures/bombs.ts";

const scene = (size = 40) => sharp({ create: { width: size, height: size, channels: 3, background: "#c22" } });

test("frames, colours of print, profiles and notes of files as programs write them", async () => {
  const plain = { frames: 1, print: false, hasUnread: false, hasProfile: false };
  expect(await aboutImage(await scene().png().toBuffer())).toEqual({ ...plain, format: "png", notes: 0 });
  expect(await aboutImage(await scene().avif({ effort: 0 }).toBuffer())).toMatchObject({ ...plain, format: "heif" });
  const cmyk = await scene().toColourspace("cmyk").jpeg().withIccProfile("cmyk").toBuffer();
  expect(await aboutImage(cmyk)).toMatchObject({ print: true, hasProfile: true, format: "jpeg" });
  expect((await aboutImage(cmyk)).notes).toBeGreaterThan(1000);
  const webp = await scene().webp({ lossless: true }).toBuffer();
  expect(await aboutImage(manyFrames(webp, 5))).toMatchObject({ frames: 5, format: "webp" });
  const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"/>');
  for (const bytes of [drawing, Buffer.alloc(0), Buffer.from("no picture")])
    expect(await aboutImage(bytes)).toEqual({ ...plain, format: null, notes: 0 });
});

test("a drawing that moves has more than its beginning, which is all that is read", async () => {
  const drawing = (inside: string) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${inside}</svg>`);
  for (const inside of [
    '<rect width="9" height="9"><animate attributeName="x" to="5" dur="1s"/></rect>',
    '<g><animateTransform attributeName="transform" type="rotate" to="360" dur="1s"/></g>',
    '<g><set attributeName="fill" to="red" begin="1s"/></g>',
    "<style>@keyframes turn { to { rotate: 1turn } }</style>",
  ])
    expect(await aboutImage(drawing(inside)), inside).toMatchObject({ hasUnread: true });
  for (const inside of ["<!-- <animate/> -->", '<g id="animate"/>', "<settings/>"])
    expect(await aboutImage(drawing(inside)), inside).toMatchObject({ hasUnread: false });
});

test("frames come one below the other", async () => {
  const webp = await scene().webp({ lossless: true }).toBuffer();
  expect(await imageFrames(manyFrames(webp, 3), 40)).toMatchObject({
    ...{ fullWidth: 40, fullHeight: 40, count: 3, width: 40, height: 40 },
    pixels: expect.objectContaining({ length: 3 * 40 * 40 * 4 }),
  });
  // Too small to see anything.
  expect(await imageFrames(manyFrames(webp, 40_000), 40)).toBeNull();
  await expect(imageFrames(Buffer.from("no picture"), 40)).rejects.toThrow("its frames cannot be read");
}, 60_000);

test("what would take any time or memory is ended in a process of its own", async () => {
  const png = unfoldingTexts(await scene().png().toBuffer(), 4);
  const decoder = new DecoderProcess(1);
  const about = (memory: number) => decoder.decode(png, 1, memory, 60_000, undefined, "about");
  await expect(about(1 << 26)).rejects.toMatchObject({ excess: "memory" });
  expect(await about(1 << 30)).toMatchObject({ format: "png" });
  decoder.end();
  limitDecoding(1);
  const tiff = manyDirectories(await scene().tiff().toBuffer(), 400_000);
  await expect(aboutImage(tiff)).rejects.toThrow("takes more than 1 s");
  limitDecoding(10);
}, 60_000);
