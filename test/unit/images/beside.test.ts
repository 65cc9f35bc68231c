import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeForModel, makeThumbnail, trialDecode } from "../../../src/core/images/index.ts";

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-beside-"));
  mkdirSync(join(root, "images"));
  const red = sharp({ create: { width: 20, height: 20, channels: 3, background: "#f00" } });
  await red.png().toFile(join(root, "images", "beside.png"));
  const shape = `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect id="r" width="20" height="20" fill="#f00"/></svg>`;
  writeFileSync(join(root, "images", "beside.svg"), shape);
  writeFileSync(join(root, "images", "beside.css"), "rect{fill:#f00}");
  writeFileSync(join(root, "images", "beside.txt"), "#f00");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const INPUT = { width: 16, height: 16, resize: "squash", background: [255, 255, 255] } as const;

function drawing(body: string, before = ""): string {
  const file = join(root, "images", "drawing.svg");
  const attributes = `xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="20"`;
  writeFileSync(file, `${before}<svg ${attributes}>${body}</svg>`);
  return file;
}

const url = (name: string) => pathToFileURL(join(root, "images", name)).href;
test.each([
  ["an image", () => drawing(`<image width="20" height="20" href="beside.png"/>`)],
  ["an image of old", () => drawing(`<image width="20" height="20" xlink:href="beside.png"/>`)],
  ["an image by its address", () => drawing(`<image width="20" height="20" href="${url("beside.png")}"/>`)],
  [
    "an image by its path",
    () => drawing(`<image width="20" height="20" href="${join(root, "images", "beside.png")}"/>`),
  ],
  ["a shape", () => drawing(`<use href="beside.svg#r"/>`)],
  ["a fill", () => drawing(`<rect width="20" height="20" fill="url(beside.svg#r) none"/>`)],
  ["an effect", () => drawing(`<filter id="f"><feImage href="beside.png"/></filter><g filter="url(#f)"/>`)],
  ["a style", () => drawing(`<style>@import url("beside.css");</style><rect width="20" height="20" fill="none"/>`)],
  [
    "a sheet of styles",
    () => drawing(`<rect width="20" height="20" fill="none"/>`, `<?xml-stylesheet href="beside.css"?>`),
  ],
  [
    "a text",
    () =>
      drawing(
        `<rect width="20" height="20" style="fill:none;fill:&c;"/>`,
        `<!DOCTYPE svg [<!ENTITY c SYSTEM "${url("beside.txt")}">]>`,
      ),
  ],
  ["an inclusion", () => drawing(`<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="beside.svg"/>`)],
])("a drawing takes nothing of its neighbours: %s", async (_, make) => {
  const file = make();
  const decoded = await decodeForModel(file, INPUT).catch((error: Error) => error);
  // Refused, or empty on white.
  if (decoded instanceof Error) expect(decoded.message).toMatch(/^(damaged|nothing to see)/);
  else expect(new Set(decoded.pixels)).toEqual(new Set([255]));
  const thumbnail = await makeThumbnail(file, 16).catch(() => undefined);
  if (thumbnail === undefined) return;
  const { data } = await sharp(thumbnail.bytes)
    .flatten({ background: "#fff" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([...data].every((value) => value > 250)).toBe(true);
});

test.skipIf(process.platform === "win32")(
  "a drawing that ended a process is tried without its neighbours: a pipe beside it would never come to an end",
  async () => {
    execFileSync("mkfifo", [join(root, "images", "pipe.png")]);
    const file = drawing(
      `<image width="20" height="20" href="pipe.png"/><image width="9" height="9" href="${url("pipe.png")}"/>`,
    );
    expect(await trialDecode([file], INPUT, 15_000)).toEqual([null]);
  },
);
