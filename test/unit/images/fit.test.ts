import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { decodeForModel, resizedInput } from "../../../src/core/images/index.ts";
import type { InputSpec, ResizeRule } from "../../../src/shared/index.ts";
import { PYTHON, runTorch } from "../../fixtures/torch/torch.ts";

const folder = mkdtempSync(join(tmpdir(), "lookalike-fit-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

const input = (resize: ResizeRule, width = 8, height = 8): InputSpec => {
  return { width, height, resize, kernel: "nearest", background: [255, 255, 255] };
};

/** A picture in which red is the column and green the row. */
async function ruled(width: number, height: number): Promise<string> {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return [x, y, 0][i % 3]!;
  });
  const file = join(folder, `${files++}.png`);
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(file);
  return file;
}

/** Column and row of the picture at the input's first and last pixel. */
function corners(pixels: Uint8Array): number[] {
  return [...pixels.subarray(0, 2), ...pixels.subarray(pixels.length - 3, pixels.length - 1)];
}

test.each<[string, ResizeRule, number[]]>([
  ["the whole picture, squashed", "squash", [1, 0, 18, 8]],
  ["the centre of a picture", { fit: "shortest", side: 9, halves: "down" }, [6, 0, 13, 7]],
  ["the centre of one that is larger", { fit: "shortest", side: 18, halves: "down" }, [8, 2, 11, 6]],
  [
    "the centre of one that is squashed before",
    { fit: "squash", width: 10, height: 12, halves: "down" },
    [3, 1, 17, 7],
  ],
])("%s", async (_, rule, expected) => {
  const { pixels, width, height } = await decodeForModel(await ruled(20, 9), input(rule));
  expect({ width, height }).toEqual({ width: 20, height: 9 });
  expect(corners(pixels)).toEqual(expected);
});

test("an odd rest is halved as the library does that the network was trained with", async () => {
  const file = await ruled(11, 8);
  const left = async (halves: "down" | "even") =>
    (await decodeForModel(file, input({ fit: "shortest", side: 8, halves }))).pixels[0];
  // A rest of 3: 1 in transformers, and 2 in torchvision, where 1.5 is rounded to the even number.
  expect([await left("down"), await left("even")]).toEqual([1, 2]);
});

test("a picture within the input has a margin of the given colour, and what is seen says so", async () => {
  const rule: ResizeRule = { fit: "longest", fill: [7, 8, 9], place: "centre" };
  const { pixels, seen } = await decodeForModel(await ruled(16, 8), input(rule));
  const row = (y: number) => [...pixels.subarray(y * 24, y * 24 + 3)];
  expect([row(0), row(1), row(6), row(7)]).toEqual(Array(4).fill([7, 8, 9]));
  expect(row(2)).toEqual([1, 1, 0]);
  expect(seen).toEqual({ x: 0, y: -0.5, width: 1, height: 2 });
  const corner = await decodeForModel(await ruled(16, 8), input({ ...rule, place: "corner" }));
  expect([...corner.pixels.subarray(0, 3)]).toEqual([1, 1, 0]);
  expect(corner.seen).toEqual({ x: 0, y: 0, width: 1, height: 2 });
});

test("of a centre what is seen is told; a box is seen whole", async () => {
  const file = await ruled(20, 10);
  const rule = input({ fit: "shortest", side: 10, halves: "down" }, 10, 10);
  expect((await decodeForModel(file, rule)).seen).toEqual({ x: 0.25, y: 0, width: 0.5, height: 1 });
  const box = { x: 0, y: 0, width: 1, height: 0.5 };
  const part = await decodeForModel(file, rule, box);
  expect(part.seen).toEqual(box);
  expect(corners(part.pixels)).toEqual([1, 0, 19, 4]);
});

test("a picture of a thousand times its height is cut before it would fill the memory", async () => {
  const { pixels } = await decodeForModel(
    await ruled(2000, 2),
    input({ fit: "shortest", side: 64, halves: "down" }, 48, 48),
  );
  expect(pixels.length).toBe(48 * 48 * 3);
});

test("a rule is kept for another size", () => {
  const shortest = resizedInput(input({ fit: "shortest", side: 10, halves: "down" }), 16, 16);
  expect(shortest).toMatchObject({ width: 16, height: 16, resize: { side: 20 } });
  expect(resizedInput(input("squash"), 9, 7)).toMatchObject({ width: 9, height: 7, resize: "squash" });
});

const pillow = spawnSync(PYTHON, ["-c", "import PIL, numpy"], { encoding: "utf8" });
const reason = pillow.status === 0 ? undefined : `${PYTHON} has no Pillow`;

describe.skipIf(reason !== undefined)(`as Pillow resizes${reason === undefined ? "" : `: ${reason}`}`, () => {
  const made = reason === undefined ? runTorch("pillow.py") : "";
  afterAll(() => rmSync(made, { recursive: true, force: true }));

  test.each(
    ["64x64", "40x30", "101x67", "67x101", "240x160"].flatMap((size) =>
      (["nearest", "bilinear", "bicubic", "lanczos"] as const).map((kernel) => ({ size, kernel })),
    ),
  )("$size, $kernel, to the last bit", async ({ size, kernel }) => {
    const rule = { ...input({ fit: "shortest", side: 64, halves: "down" }, 48, 48), kernel };
    const { pixels } = await decodeForModel(join(made, `${size}.png`), rule);
    expect(Buffer.compare(Buffer.from(pixels), readFileSync(join(made, `${size}-${kernel}.bin`)))).toBe(0);
  });
});
