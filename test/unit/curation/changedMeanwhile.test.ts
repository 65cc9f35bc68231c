/** Files that are no pictures any more when they are compared: they are not the same as any, and end nothing. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeEach, expect, test } from "vitest";
import { PictureComparer } from "../../../src/core/curation/sameness/index.ts";
import { worthOf } from "../../../src/core/curation/worth.ts";
import { ImageError } from "../../../src/core/images/index.ts";
import { drawNoise } from "../../fixtures/drawNoise.ts";

const root = mkdtempSync(join(tmpdir(), "lookalike-changed-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const [one, other] = ["one.png", "other.png"].map((name) => join(root, name)) as [string, string];
beforeEach(async () => {
  rmSync(other, { recursive: true, force: true });
  await drawNoise(one, 1);
});

test.each<[string, () => void]>([
  ["empty", () => writeFileSync(other, "")],
  ["cut off", () => writeFileSync(other, readFileSync(one).subarray(0, 40))],
  ["text", () => writeFileSync(other, "no picture")],
  ["gone", () => {}],
  ["a folder", () => mkdirSync(other)],
  ["a pipe", () => process.platform === "win32" || execFileSync("mkfifo", [other])],
])("a file that is %s meanwhile is the same as no other", async (_, change) => {
  change();
  expect(await new PictureComparer().same(one, other)).toBe(false);
  expect(await new PictureComparer().same(other, one)).toBe(false);
  const worth = await worthOf(other).catch((error: unknown) => error);
  if (worth instanceof Error) expect(worth).toBeInstanceOf(ImageError);
});

test("and a copy is the same", async () => {
  copyFileSync(one, other);
  expect(await new PictureComparer().same(one, other)).toBe(true);
  expect(await worthOf(one)).toMatchObject({ faithful: 2 });
});

test("a TIFF whose second page cannot be read is the same by its bytes only", async () => {
  const strips = await sharp(one).resize(64).removeAlpha().tiff({ compression: "none" }).toBuffer();
  // The first directory says that another one follows, where there is none.
  const first = strips.readUInt32LE(4);
  const next = first + 2 + strips.readUInt16LE(first) * 12;
  const damaged = Buffer.from(strips);
  const end = damaged.length;
  damaged.writeUInt32LE(end, next);
  const page = Buffer.alloc(18);
  page.writeUInt16LE(1, 0);
  const [single, double] = ["single.tif", "double.tif"].map((name) => join(root, name)) as [string, string];
  writeFileSync(single, strips);
  writeFileSync(double, Buffer.concat([damaged, page]));
  expect(await new PictureComparer().same(single, single)).toBe(true);
  expect(await new PictureComparer().same(single, double)).toBe(false);
});
