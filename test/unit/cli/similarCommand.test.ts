import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { parseBox, parseWeights } from "../../../src/cli/queryOptions.ts";
import { similarCommand } from "../../../src/cli/similarCommand.ts";
import type { FolderIndex } from "../../../src/core/index.ts";
import type { AcrossResult, SimilarQuery, SimilarResult } from "../../../src/shared/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";
import { withIndex } from "../../fixtures/withIndex.ts";

let root: string;
let folder: string;
let model: string;
const at = (i: number) => join(folder, "some", `${i}.png`);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-similar-"));
  folder = join(root, "images");
  model = join(root, "model.onnx");
  mkdirSync(join(folder, "some"), { recursive: true });
  for (let i = 0; i < 12; i++) {
    const pixels = Uint8Array.from({ length: 12 }, (_, j) => (37 * i * (j + 1) + 11 * j) % 256);
    await sharp(pixels, { raw: { width: 2, height: 2, channels: 3 } }).toFile(at(i));
  }
  writeFileSync(model, tinyModel("tiny", "SMG"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const indexOf = <T>(work: (index: FolderIndex) => Promise<T>, of = folder) =>
  withIndex(of, model, { location: join(root, "indexes"), adapt: false }, work);

/** What the command printed. */
async function run(images: string[], options: Partial<Parameters<typeof similarCommand>[1]> = {}): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    const place = { in: [folder], index: join(root, "indexes"), model, adapt: false, device: "cpu" } as const;
    await similarCommand(images, { ...place, k: 5, ...options });
    return log.mock.calls.flat().join("\n");
  } finally {
    log.mockRestore();
  }
}

test("prints what the library answers: examples of both signs, a box, weights, a folder", async () => {
  await expect(run([at(0)])).rejects.toThrow(/is not indexed.*\. Run: lookalike index/);
  await indexOf((index) => index.update());
  const box = parseBox("0, 0.5,1,0.5");
  const weights = parseWeights("spoc=1,mac=0,gem=2.5");
  const printed = await run([at(0), at(1)], { not: [at(2)], box, weights, under: "some", json: true });
  const query: SimilarQuery = {
    examples: [
      { image: at(0), sign: 1, box: { x: 0, y: 0.5, width: 1, height: 0.5 } },
      { image: at(1), sign: 1 },
      { image: at(2), sign: -1 },
    ],
    weights: { spoc: 1, mac: 0, gem: 2.5 },
    only: { folder: "some" },
    k: 5,
  };
  const expected = await indexOf((index) => index.similar(query));
  expect(JSON.parse(printed) as SimilarResult).toEqual(expected);
  expect(expected.results["combined"]).toHaveLength(5);
});

test("several folders of one model give what one folder with all of them gives", async () => {
  const parent = join(root, "both");
  for (const [name, first] of [
    ["one", 0],
    ["two", 7],
  ] as const) {
    mkdirSync(join(parent, name), { recursive: true });
    for (let i = first; i < first + 5; i++) copyFileSync(at(i), join(parent, name, `${i}.png`));
  }
  const children = ["one", "two"].map((name) => join(parent, name));
  const query: SimilarQuery = { examples: [{ image: at(6), sign: 1 }], k: 6 };
  const results: SimilarResult[] = [];
  for (const each of [parent, ...children]) {
    await indexOf(async (index) => {
      await index.update();
      results.push(await index.similar(query));
    }, each);
  }
  const printed = JSON.parse(await run([at(6)], { in: children, k: 6, json: true })) as AcrossResult;
  expect(printed.order).toBe("score");
  expect(rounded(printed.results)).toEqual(rounded(results[0]!.results));
  expect(rounded(printed.scores)).toEqual(rounded(results[0]!.scores));
});

/** A score depends in its last digits on the row of the matrix. */
function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => (typeof part === "number" ? part.toFixed(5) : part));
}

test("only images with a label, from folders or from a column of a table", async () => {
  const found = async (options: Parameters<typeof run>[1]) => {
    const { results } = JSON.parse(await run([at(0)], { ...options, k: 20, json: true })) as SimilarResult;
    return results["mac"]!.map(({ path }) => path).sort();
  };
  const file = join(root, "kinds.csv");
  writeFileSync(file, "name,kind\nsome/1.png,a\n2.png,b\nsome/3.png,a\nsome/4.png,\n");
  const told = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    expect(await found({ labels: file, column: "kind", label: ["a"] })).toEqual(["some/1.png", "some/3.png"]);
    expect(await found({ labels: file, column: "kind", label: ["b", ""] })).toHaveLength(12 - 1 - 2);
    expect(told.mock.calls.flat().join()).toMatch(/Images without a row or a value in kinds\.csv, left out: 9: some/);
  } finally {
    told.mockRestore();
  }
  expect(await found({ label: ["some"] })).toHaveLength(11);
  expect(await found({ label: [""] })).toEqual([]);
  await expect(run([at(0)], { column: "kind", label: ["a"] })).rejects.toThrow(/--column kind needs the table/);
  await expect(run([at(0)], { labels: file })).rejects.toThrow(/give --label <label> as well/);
});

test("with kinds together it says what that does here, by folders or by a table, and where labels do not tell", async () => {
  const file = join(root, "halves.csv");
  writeFileSync(file, `name,label\n${Array.from({ length: 12 }, (_, i) => `some/${i}.png,${i % 2}`).join("\n")}\n`);
  const told = vi.spyOn(console, "error").mockImplementation(() => {});
  const lines = () => told.mock.calls.splice(0).flat().join("\n");
  try {
    await run([at(0)], { keepKinds: true, labels: file });
    expect(lines()).toMatch(
      /^Putting kinds together changes MAP@R here by [+-]\d+\.\d \+- \d+\.\d points, from \d+\.\d % \(over 12 images with a label/,
    );
    writeFileSync(file, "name,label\nsome/1.png,a\nsome/2.png,a\n");
    await run([at(0)], { keepKinds: true, labels: file });
    expect(lines()).toContain("What putting kinds together does to MAP@R here cannot be told");
    await run([at(0)], {});
    expect(lines()).not.toContain("kinds");
  } finally {
    told.mockRestore();
  }
});

test("the table names what was asked for", async () => {
  const text = await run([at(3)], { not: [at(4)], box: parseBox("0,0,0.5,0.5"), minScore: -1 });
  expect(text).toMatch(/^Images most alike to some\/3\.png \(part 0,0,0\.5,0\.5\), not some\/4\.png/);
  expect(text.split("\n")).toHaveLength(3 + 5);
});

test("boxes and weights that cannot be read are refused", () => {
  for (const text of ["", "0,0,1", "0,0,1,1,1", "a,0,1,1", "0,,1,1"])
    expect(() => parseBox(text)).toThrow(/four numbers/);
  for (const text of ["", "spoc", "spoc=", "spoc=-1", "spoc=x", "=1"])
    expect(() => parseWeights(text)).toThrow(/names and/);
});
