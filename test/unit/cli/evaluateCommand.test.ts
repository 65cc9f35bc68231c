import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { evaluateCommand } from "../../../src/cli/evaluate/evaluateCommand.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-evaluate-cli-"));
  for (let of = 0; of < 3; of++) {
    mkdirSync(join(root, "images", `class ${of}`), { recursive: true });
    for (let n = 0; n < 5; n++) {
      const background = { r: 20 + 80 * of, g: 20 * n, b: (60 * n * of) % 256 };
      const picture = sharp({ create: { width: 12, height: 12, channels: 3, background } });
      await picture.png().toFile(join(root, "images", `class ${of}`, `${n}.png`));
    }
  }
  writeFileSync(join(root, "one.onnx"), tinyModel("one", "SM"));
  writeFileSync(join(root, "two.onnx"), tinyModel("two", "G"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const folder = () => join(root, "images");
const place = () => ({ index: join(root, "indexes"), device: "cpu" }) as const;

async function printed(command: () => Promise<void>): Promise<{ readonly out: string; readonly err: string }> {
  const spies = [vi.spyOn(console, "log"), vi.spyOn(console, "error")].map((spy) => spy.mockImplementation(() => {}));
  try {
    await command();
    const [out, err] = spies.map((spy) => spy.mock.calls.flat().join("\n"));
    return { out: out!, err: err! };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test("models side by side, as text, as JSON and as a page; a folder that is not indexed is indexed", async () => {
  const model = [join(root, "one.onnx"), join(root, "two.onnx")];
  const html = join(root, "report.html");
  const { out, err } = await printed(() => evaluateCommand(folder(), { ...place(), model, html }));
  expect(out).toMatch(
    /^all: every labelled image queries all others\n15 queries, 15 images to find among, 3 classes; 0 left out/,
  );
  expect(out).toContain("too few to tell");
  expect(out).toMatch(/one, %\n +recall@1 +recall@2/);
  expect(out).toMatch(/two, %/);
  expect(out).toMatch(/one - two: recall@1 [+-]/);
  expect(err).toContain("The report is in");
  expect(readFileSync(html, "utf8")).toContain("<caption>");
  const json = JSON.parse((await printed(() => evaluateCommand(folder(), { ...place(), model, json: true }))).out) as {
    readonly models: readonly { readonly name: string; readonly state: string; readonly descriptors: object }[];
  };
  expect(json.models.map(({ name, state, descriptors }) => [name, state, Object.keys(descriptors)])).toEqual([
    ["one", "raw", ["spoc", "mac", "combined"]],
    ["two", "raw", ["gem", "combined"]],
  ]);
  const { scores } = JSON.parse(readFileSync(join(root, "one.scores.json"), "utf8")) as {
    readonly scores: readonly object[];
  };
  expect(scores).toHaveLength(1);
});

test("a report that cannot be written is told before the work, and a column needs its table", async () => {
  const model = [join(root, "one.onnx")];
  const html = join(root, "nowhere", "report.html");
  await expect(evaluateCommand(folder(), { ...place(), model, html })).rejects.toThrow(/its folder does not exist/);
  await expect(evaluateCommand(folder(), { ...place(), model, html: root })).rejects.toThrow(/a folder has that name/);
  // An evaluation that fails leaves the report of before, and nothing beside it.
  const kept = join(root, "kept.html");
  writeFileSync(kept, "before");
  const labels = join(root, "gone.csv");
  await expect(evaluateCommand(folder(), { ...place(), model, html: kept, labels })).rejects.toThrow(/gone\.csv/);
  expect(readFileSync(kept, "utf8")).toBe("before");
  expect(readdirSync(root).filter((name) => name.endsWith(".part"))).toEqual([]);
  await expect(evaluateCommand(folder(), { ...place(), model, column: "kind" })).rejects.toThrow(/--labels <file>/);
});
