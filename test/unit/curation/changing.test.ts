/** Files that somebody writes or takes away while they are looked at. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PictureComparer } from "../../../src/core/curation/index.ts";
import { worthOf } from "../../../src/core/curation/worth.ts";
import { ImageError } from "../../../src/core/images/index.ts";

let root: string;
let whole: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-changing-"));
  whole = join(root, "whole.png");
  const noise = Uint8Array.from({ length: 96 * 96 * 3 }, (_, i) => (i * i * 7 + i) % 251);
  await sharp(noise, { raw: { width: 96, height: 96, channels: 3 } })
    .png()
    .toFile(whole);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const file = (name: string, bytes: Uint8Array) => {
  const path = join(root, name);
  writeFileSync(path, bytes);
  return path;
};

test("a file without bytes, half of one, and one that is gone are the same as nothing, and fail nothing", async () => {
  const half = await sharp(whole).tiff().toBuffer();
  const others = [
    file("empty.png", new Uint8Array()),
    file("empty.tif", new Uint8Array()),
    file("half.tif", half.subarray(0, half.length >> 1)),
    join(root, "gone.png"),
  ];
  for (const other of others) {
    expect(await new PictureComparer().same(whole, other)).toBe(false);
    expect(await new PictureComparer().same(other, whole)).toBe(false);
  }
});

test("a TIFF whose second page cannot be read is the same by its bytes only", async () => {
  const strips = await sharp(whole).resize(64).removeAlpha().tiff({ compression: "none" }).toBuffer();
  // The first directory says that another one follows, where there is none.
  const first = strips.readUInt32LE(4);
  const next = first + 2 + strips.readUInt16LE(first) * 12;
  const damaged = Buffer.from(strips);
  const end = damaged.length;
  damaged.writeUInt32LE(end, next);
  const page = Buffer.alloc(18);
  page.writeUInt16LE(1, 0);
  const [one, other] = [file("one.tif", strips), file("two pages.tif", Buffer.concat([damaged, page]))];
  expect(await new PictureComparer().same(one, one)).toBe(true);
  expect(await new PictureComparer().same(one, other)).toBe(false);
});

test("what a file is worth that is gone is a reason to leave it out, not a failure of all", async () => {
  await expect(worthOf(join(root, "gone.png"))).rejects.toThrow(ImageError);
  await expect(worthOf(join(root, "gone.png"))).rejects.toThrow("the file is gone");
});
