import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { explainCommand } from "../../../src/cli/explainCommand.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";
import { withIndex } from "../../fixtures/withIndex.ts";

let root: string;
let folder: string;
let model: string;
const at = (i: number) => join(folder, `${i}.png`);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-explain-"));
  folder = join(root, "images");
  model = join(root, "model.onnx");
  mkdirSync(folder);
  for (let i = 0; i < 3; i++) {
    const pixels = Uint8Array.from({ length: 48 }, (_, j) => (37 * (i + 2) * (j + 1) + 11 * j) % 256);
    await sharp(pixels, { raw: { width: 4, height: 4, channels: 3 } }).toFile(at(i));
  }
  writeFileSync(model, tinyModel("tiny", "SMG"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface DescriptorSums {
  readonly score: number;
  readonly constant: number;
  readonly sum: number;
  readonly result: { readonly constant: number; readonly sum: number };
}

/** What the command printed. */
async function run(a: string, b: string, options: Partial<Parameters<typeof explainCommand>[2]> = {}): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    const place = { in: folder, index: join(root, "indexes"), model, adapt: false, device: "cpu" } as const;
    await explainCommand(a, b, { ...place, ...options });
    return log.mock.calls.flat().join("\n");
  } finally {
    log.mockRestore();
  }
}

test("prints score, constant and sum of each descriptor as the search has them, and draws the maps", async () => {
  const out = join(root, "map.png");
  const box = { x: 0, y: 0, width: 0.5, height: 1 };
  const { descriptors, unexplained } = JSON.parse(await run(at(0), at(1), { json: true, box, out }));
  expect(unexplained).toEqual([]);
  expect(Object.keys(descriptors)).toEqual(["spoc", "mac", "gem"]);
  expect((await sharp(out).metadata()).format).toBe("png");

  const { scores } = await withIndex(
    folder,
    model,
    { location: join(root, "indexes"), adapt: false },
    async (index) => {
      await index.update();
      return index.similar({ examples: [{ image: at(0), sign: 1, box }], k: 2 });
    },
  );
  for (const [name, { score, constant, sum, result }] of Object.entries<DescriptorSums>(descriptors)) {
    // The index holds float16.
    expect(score).toBeCloseTo(scores["1.png"]![name]!, 3);
    expect(constant).toBe(0);
    expect(sum).toBeCloseTo(score, 4);
    expect(result.sum).toBeCloseTo(score, 4);
  }
  expect(await run(at(0), at(2))).toMatch(/score {2}constant[\s\S]*spoc\n[\s\S]*gem \(by shares\)/);
});

test("what cannot be read or written is named", async () => {
  await expect(run(at(0), at(9))).rejects.toThrow(`${at(9)}: the file is gone`);
  const out = join(root, "no", "such", "map.png");
  await expect(run(at(0), at(1), { out })).rejects.toThrow(/map\.png cannot be written/);
  expect(existsSync(out)).toBe(false);
  await expect(run(at(0), at(1), { box: { x: 0.5, y: 0, width: 0.6, height: 1 } })).rejects.toThrow(/not inside/);
});
