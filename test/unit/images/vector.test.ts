import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { decodeForModel, makeThumbnail } from "../../../src/core/images/index.ts";
import type { InputSpec } from "../../../src/shared/index.ts";

const SIDE = 60;
const INPUT: InputSpec = { width: SIDE, height: SIDE, resize: "squash", background: [255, 255, 255] };
const root = mkdtempSync(join(tmpdir(), "lookalike-vector-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Left half blue, right half red. */
function halves(attributes: string, before = ""): string {
  const path = join(root, "drawing.svg");
  const parts = '<rect width="50%" height="100%" fill="#00f"/><rect x="50%" width="50%" height="100%" fill="#f00"/>';
  writeFileSync(path, `${before}<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${parts}</svg>`);
  return path;
}

test.each([
  ["an icon", 'width="16" height="16"', 16, 16],
  ["a large plan", 'width="20000" height="20000" viewBox="0 0 100 100"', 20_000, 20_000],
  ["a larger one", 'width="333333" height="333333" viewBox="0 0 100 100"', 333_333, 333_333],
  ["a size beyond all", 'width="1e10" height="1e10"', 1e10, 1e10],
  ["a timeline", 'width="6000" height="20"', 6000, 20],
  ["a line", 'width="1" height="500"', 1, 500],
  ["a long line", 'width="3" height="2000000"', 3, 2_000_000],
  ["less than a pixel", 'width="0.5" height="0.5" viewBox="0 0 10 10"', 1, 1],
  ["next to nothing", 'width="0.002" height="0.001" viewBox="0 0 20 10"', 200, 100],
  ["nothing", 'width="0" height="0" viewBox="0 0 300 200"', 300, 200],
  ["no width", 'width="0px" height="50" viewBox="0 0 300 200"', 300, 200],
  ["metres, at 96 dots per inch", 'width="1000cm" height="1000cm"', 37_795, 37_795],
  ["no size but a box", 'viewBox="0 0 300 200"', 300, 200],
])("%s is drawn", async (_, attributes, width, height) => {
  const { pixels, ...size } = await decodeForModel(halves(attributes), INPUT);
  expect(size).toMatchObject({ width, height, partial: false });
  const at = (x: number, y: number) => [...pixels.subarray(3 * (y * SIDE + x), 3 * (y * SIDE + x) + 3)];
  for (const y of [1, SIDE / 2, SIDE - 2]) {
    expect(at(4, y)[2]).toBeGreaterThan(200);
    expect(at(SIDE - 5, y)[0]).toBeGreaterThan(200);
  }
});

test("a drawing in UTF-16 is one, whatever its declaration says", async () => {
  const path = halves('width="300" height="200"');
  const text = `<?xml version="1.0" encoding="UTF-16"?>${readFileSync(path, "utf8")}`;
  const little = Buffer.from(`\ufeff${text}`, "utf16le");
  for (const bytes of [little, Buffer.from(little).swap16()]) {
    writeFileSync(path, bytes);
    const { pixels, ...size } = await decodeForModel(path, INPUT);
    expect(size).toMatchObject({ width: 300, height: 200 });
    expect([...pixels.subarray(0, 3)]).toEqual([0, 0, 255]);
  }
});

test("a part of a large plan is drawn, and its thumbnail keeps the aspect", async () => {
  const plan = halves('width="40000" height="20000"');
  const { pixels } = await decodeForModel(plan, INPUT, { x: 0.75, y: 0.25, width: 0.1, height: 0.1 });
  expect([...pixels.subarray(0, 3)]).toEqual([255, 0, 0]);
  expect(await makeThumbnail(plan, 64)).toMatchObject({ width: 40_000, height: 20_000 });
});

test("what stands before the root element is no root element", async () => {
  const comment = '<?xml version="1.0"?>\n<!-- <svg width="1" height="1"> -->\n';
  const drawn = await decodeForModel(halves('width="90000" height="30000"', comment), INPUT);
  expect(drawn).toMatchObject({ width: 90_000, height: 30_000 });
  expect([...drawn.pixels.subarray(0, 3)]).toEqual([0, 0, 255]);
});

/** A drawing of 96 x 64, red, with a blue part at its lower right. */
const marked = (attributes: string, inside = "", name = "svg") =>
  `<${name} xmlns${name === "svg" ? "" : `:${name.split(":")[0]}`}="http://www.w3.org/2000/svg" ${attributes}>${inside}${[
    '<rect width="96" height="64" fill="#f00"/>',
    '<rect x="72" y="48" width="24" height="16" fill="#00f"/>',
  ]
    .map((part) => (name === "svg" ? part : part.replace("<", `<${name.split(":")[0]}:`)))
    .join("")}</${name}>`;

async function drawnWhole(text: string | Buffer, width = 96, height = 64): Promise<void> {
  const path = join(root, "marked.svg");
  writeFileSync(path, text);
  const { pixels, ...size } = await decodeForModel(path, INPUT);
  expect(size).toMatchObject({ width, height, partial: false });
  const at = (x: number, y: number) => [...pixels.subarray(3 * (y * SIDE + x), 3 * (y * SIDE + x) + 3)];
  expect(at(2, 2)).toEqual([255, 0, 0]);
  expect(at(SIDE - 3, SIDE - 3)).toEqual([0, 0, 255]);
  expect(at(40, SIDE - 3)).toEqual([255, 0, 0]);
}

test.each([
  ["no size", ""],
  ["all of the page", 'width="100%" height="100%"'],
  ["a width alone", 'width="200"'],
  ["a height alone", 'height="128"'],
  ["a size that is computed", 'width="calc(96px)" height="64px"'],
  ["letters", 'width="6em" height="4em"'],
  ["inches", 'width="1in" height="0.6667in"'],
  ["points", 'width="72pt" height="48PT"'],
  ["a box of nothing", 'viewBox="0 0 0 0"'],
])("without a view box, by %s, all of it is drawn", async (_, attributes) => {
  await drawnWhole(marked(attributes));
});

test("what begins away from the origin is drawn from there to its end, not cut off", async () => {
  const path = join(root, "away.svg");
  writeFileSync(path, '<svg xmlns="http://www.w3.org/2000/svg"><rect x="50" y="50" width="50" height="50"/></svg>');
  const { pixels, width, height } = await decodeForModel(path, INPUT);
  expect([width, height]).toEqual([100, 100]);
  const at = (x: number, y: number) => pixels[3 * (y * SIDE + x)];
  expect([at(5, 5), at(55, 5), at(5, 55), at(35, 35), at(55, 55)]).toEqual([255, 255, 255, 0, 0]);
});

test("a drawing in another encoding, or under a prefix, is one", async () => {
  const remark = "<!-- Gr\u00f6\u00dfe -->";
  const declared = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?>${remark}`;
  await drawnWhole(Buffer.from(declared("ISO-8859-1") + marked('viewBox="0 0 96 64"'), "latin1"));
  await drawnWhole(Buffer.from(declared("windows-1252") + marked(""), "latin1"));
  await drawnWhole(declared("utf-8") + marked(""));
  await drawnWhole(remark + marked(""));
  for (const name of ["s:svg", "svg:svg"]) {
    await drawnWhole(marked('viewBox="0 0 96 64"', "", name));
    await drawnWhole(marked("", "", name));
  }
});

test.each([
  [
    "text of a web page",
    '<foreignObject width="9" height="9"><p xmlns="http://www.w3.org/1999/xhtml">A</p></foreignObject>',
  ],
  ["a picture of another file", '<image href="photo.png" width="9" height="9"/>'],
  ["a picture of a kind that is not drawn", '<image width="9" height="9" href="data:image/webp;base64,AAAA"/>'],
  ["a part of another file", '<use href="sprite.svg#a"/>'],
  ["colours of another file", '<rect width="9" height="9" fill="url(beside.svg#a)"/>'],
  ["styles of another file", '<style>@import url("style.css");</style>'],
])("what shows %s is read in part; where that is all, there is nothing to see", async (_, inside) => {
  const path = join(root, "more.svg");
  writeFileSync(path, marked('viewBox="0 0 96 64"', inside));
  expect((await decodeForModel(path, INPUT)).partial).toBe(true);
  writeFileSync(path, `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${inside}</svg>`);
  await expect(decodeForModel(path, INPUT)).rejects.toThrow("nothing to see");
});

test("what stands in the file itself, or is drawn instead, leaves nothing out", async () => {
  const instead = '<switch><foreignObject width="9" height="9"/><circle r="1"/></switch>';
  const symbol =
    '<defs><rect id="a" width="1" height="1"/></defs><use href="#a" fill="url(#b)"/><g filter="url(&quot;#c&quot;)"/><!-- <foreignObject> -->';
  await drawnWhole(marked('viewBox="0 0 96 64"', instead + symbol));
});

test.each([
  ["an empty drawing", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'],
  ["one without a size", '<svg xmlns="http://www.w3.org/2000/svg"></svg>'],
  [
    "a set of symbols",
    '<svg xmlns="http://www.w3.org/2000/svg" style="display:none"><symbol id="a"><path d="M0 0h9v9z"/></symbol></svg>',
  ],
])("%s is nothing to see, neither white nor damaged", async (_, text) => {
  const path = join(root, "empty.svg");
  writeFileSync(path, text);
  await expect(decodeForModel(path, INPUT)).rejects.toThrow("nothing to see: nothing in it can be drawn");
});
