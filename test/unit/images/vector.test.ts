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
  ["metres, at 72 dots per inch", 'width="1000cm" height="1000cm"', 28_346, 28_346],
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
