import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { projectCommand } from "../../../src/cli/projectCommand.ts";
import { EmbedderPool, FolderIndex } from "../../../src/core/index.ts";
import type { ProjectionSummary } from "../../../src/shared/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

let root: string;
let folder: string;
let model: string;

beforeAll(async () => {
  model = ensureDefaultModel();
  root = mkdtempSync(join(tmpdir(), "lookalike-project-"));
  folder = join(root, "images");
  mkdirSync(folder);
  for (let i = 0; i < 8; i++) {
    await sharp({ create: { width: 40, height: 40, channels: 3, background: { r: 30 * i, g: 200 - 20 * i, b: 90 } } })
      .png()
      .toFile(join(folder, `${i}.png`));
  }
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What the command printed. */
async function run(options: Partial<Parameters<typeof projectCommand>[1]> = {}): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    const defaults = { index: join(root, "indexes"), model, descriptor: "all" };
    const numbers = { neighbours: 15, minDist: 0.1, seed: 1, under: "" };
    await projectCommand(folder, { ...defaults, ...numbers, ...options });
    return log.mock.calls.flat().join("\n");
  } finally {
    log.mockRestore();
  }
}

test("a folder must be indexed; then its maps are printed, written and kept", async () => {
  await expect(run()).rejects.toThrow(/is not indexed.*\. Run: lookalike index/);
  const pool = new EmbedderPool();
  const index = await FolderIndex.open(folder, pool, model, { location: join(root, "indexes") });
  await index.update();
  await index.close();
  await pool.release();

  const out = join(root, "layout.csv");
  const summary = JSON.parse(await run({ json: true, out })) as ProjectionSummary;
  expect(summary).toMatchObject({ images: 8, excluded: 0, reused: "none", measured: { k: 0, images: 8 } });
  expect(Object.keys(summary.maps)).toEqual(["spoc", "mac", "gem", "combined"]);
  const lines = readFileSync(out, "utf8").trimEnd().split("\r\n");
  expect(lines).toHaveLength(9);
  expect(lines[0]).toBe("path,spoc_x,spoc_y,mac_x,mac_y,gem_x,gem_y,combined_x,combined_y");

  const one = JSON.parse(await run({ json: true, descriptor: "mac", out })) as ProjectionSummary;
  expect(one.reused).toBe("all");
  expect(Object.keys(one.maps)).toEqual(["mac"]);
  expect(readFileSync(out, "utf8")).toMatch(/^path,mac_x,mac_y\r\n0\.png,/);
  expect(await run({ sample: 3 })).toMatch(/^3 images in [\s\S]*combined/);
});

test("two models are laid out on each other", async () => {
  const other = join(root, "other.onnx");
  writeFileSync(other, tinyModel("other", "SM"));
  await expect(run({ compare: other, adapt: false })).rejects.toThrow(
    /is not indexed with .*other\.onnx\. Run: .* --model/,
  );
  const pool = new EmbedderPool();
  const index = await FolderIndex.open(folder, pool, other, { location: join(root, "indexes"), adapt: false });
  await index.update();
  await index.close();
  await pool.release();
  const out = join(root, "two.csv");
  const summary = JSON.parse(await run({ compare: other, adapt: false, json: true, out })) as ProjectionSummary;
  expect(Object.keys(summary.maps)).toEqual(["mobilenetv2-smg-int8", "other", "combined"]);
  expect(summary).toMatchObject({ images: 8, reused: "none", model: { name: "mobilenetv2-smg-int8 / other" } });
  expect(readFileSync(out, "utf8")).toMatch(
    /^path,mobilenetv2-smg-int8_x,mobilenetv2-smg-int8_y,other_x,other_y,combined_x/,
  );
  // They are not kept: the maps of the descriptors are as they were.
  expect((JSON.parse(await run({ json: true })) as ProjectionSummary).reused).toBe("all");
});

test("mistakes are told before any work", async () => {
  await expect(run({ descriptor: "colour" })).rejects.toThrow(/no descriptor "colour"/);
  await expect(run({ out: "layout.xls" })).rejects.toThrow(/Use \.csv/);
  await expect(run({ neighbours: 0 })).rejects.toThrow(/2 to 200/);
});
