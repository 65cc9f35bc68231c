import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { duplicatesCommand, takeBackCommand } from "../../../src/cli/duplicatesCommand.ts";
import { labelsCommand } from "../../../src/cli/labelsCommand.ts";
import type { DuplicatesResult, LabelsResult } from "../../../src/shared/index.ts";
import { ALIKE_KINDS } from "../../fixtures/alikeKinds.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";
import { withIndex } from "../../fixtures/withIndex.ts";

let root: string;
let folder: string;
let model: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-curation-"));
  folder = join(root, "images");
  model = join(root, "model.onnx");
  for (const name of ["a", "b"]) mkdirSync(join(folder, name), { recursive: true });
  for (let i = 0; i < 10; i++) {
    const background = i % 2 === 0 ? { r: 200, g: 12 * i, b: 0 } : { r: 0, g: 12 * i, b: 200 };
    const spot = { create: { width: 5, height: 5, channels: 3 as const, background: "#fff" } };
    const picture = sharp({ create: { width: 24, height: 20, channels: 3, background } }).composite([
      { input: spot, left: 6 * (i % 4), top: 6 * Math.floor(i / 4) },
    ]);
    await picture.png().toFile(join(folder, i % 2 === 0 ? "a" : "b", `${i}.png`));
  }
  copyFileSync(join(folder, "a", "4.png"), join(folder, "b", "copy of 4.png"));
  writeFileSync(model, tinyModel("tiny", "SM"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const place = () => ({ index: join(root, "indexes"), model, adapt: false, device: "cpu" }) as const;

/** What a command printed on its two outputs. */
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

test("an index is needed; then duplicates and suspicious labels are printed, as text and as JSON", async () => {
  await expect(duplicatesCommand(folder, place())).rejects.toThrow(
    /is not indexed with .*Run: lookalike index .* --index .* --model /,
  );
  await expect(labelsCommand(folder, place())).rejects.toThrow(/is not indexed/);
  await withIndex(folder, model, { location: join(root, "indexes"), adapt: false }, (index) => index.update());

  const { groups } = JSON.parse(
    (await printed(() => duplicatesCommand(folder, { ...place(), json: true }))).out,
  ) as DuplicatesResult;
  expect(groups.map(({ images }) => images.map(({ path }) => path))).toEqual([["a/4.png", "b/copy of 4.png"]]);
  const text = (await printed(() => duplicatesCommand(folder, { ...place(), threshold: 0.9 }))).out;
  expect(text).toMatch(
    /^1 group among 11 images, 1 more than one of each \(score 0\.9 and up\)\n\na\/4\.png {2}24 x 20/,
  );
  expect(text).toMatch(/\n {2}same bytes {2}b\/copy of 4\.png/);

  const labels = (await printed(() => labelsCommand(folder, { ...place(), k: 4, json: true }))).out;
  const { suspicious, classes, contradictions } = JSON.parse(labels) as LabelsResult;
  expect(classes).toBe(2);
  // The same bytes under two labels are no guess.
  expect(contradictions).toEqual([{ paths: ["a/4.png", "b/copy of 4.png"], labels: ["a", "b"], why: "bytes" }]);
  expect(suspicious).toEqual([]);
  const table = (await printed(() => labelsCommand(folder, { ...place(), k: 4 }))).out;
  expect(table).toMatch(
    /^1 contradiction: the same picture under different labels\n\nsame bytes {4}a\/4\.png: a; b\/copy of 4/,
  );
});

test("copies are put away and taken back; what cannot go back is named, and the exit code says so", async () => {
  const copy = join(folder, "b", "copy of 4.png");
  const bytes = readFileSync(copy);
  const away = await printed(() => duplicatesCommand(folder, { ...place(), putAway: true }));
  expect(away.out).toMatch(/^1 group among 11 images/);
  expect(away.err).toMatch(/^Put away: 1 \(.+\)$/);
  expect(existsSync(copy)).toBe(false);
  expect(existsSync(join(folder, "a", "4.png"))).toBe(true);

  // In the place of the copy somebody has put another file meanwhile.
  writeFileSync(copy, "another");
  const refused = await printed(() => takeBackCommand(folder));
  expect(refused.err).toMatch(/^Taken back: 0 \(.+\)\nNot moved: b\/copy of 4\.png: /);
  expect(process.exitCode).toBe(1);
  process.exitCode = undefined;
  expect(readFileSync(copy, "utf8")).toBe("another");

  rmSync(copy);
  expect((await printed(() => takeBackCommand(folder))).err).toMatch(/^Taken back: 1 \(/);
  expect(readFileSync(copy)).toEqual(bytes);
  expect((await printed(() => takeBackCommand(folder))).err).toMatch(/^Nothing of .+ is put away\.$/);
});

test("files that changed are left out by name, rows that cannot be used are told", async () => {
  rmSync(join(folder, "b", "copy of 4.png"));
  const { out, err } = await printed(() => duplicatesCommand(folder, place()));
  expect(out).toMatch(/^0 groups among 11 images/);
  expect(err).toMatch(/Left out b\/copy of 4\.png: gone/);
  const file = join(root, "labels.csv");
  writeFileSync(file, "path,label\na/0.png,x\nb/1.png,y\na/2.png\n");
  const given = await printed(() => labelsCommand(folder, { ...place(), labels: file }));
  expect(given.err).toMatch(/Lines with odd quotes or another number of fields: 1: 4\./);
  expect(given.err).toMatch(/Images without a row or a value in labels\.csv, left out: 9: /);
  expect(given.out).toMatch(/^[0-9]+ of 2 images in 2 classes/);
});

test("labels come from any column of a table; odd quotes, unknown paths and missing rows are told", async () => {
  const file = join(root, "meta.csv");
  const rows = [0, 2, 4, 6].map((i) => `${i}.png,red`).concat([1, 3, 5].map((i) => `b/${i}.png,"blue"`));
  writeFileSync(file, ["image,hue", ...rows, "b/7.png,red", "none.png,red", 'b/9.png,bl"ue'].join("\n"));
  const asked = { ...place(), labels: file, k: 3, json: true };
  const { out, err } = await printed(() => labelsCommand(folder, { ...asked, column: "hue" }));
  const { suspicious, ...counts } = JSON.parse(out) as LabelsResult;
  expect(counts).toMatchObject({ images: 9, classes: 3 });
  expect(suspicious).toContainEqual(expect.objectContaining({ path: "b/7.png", label: "red", suggested: "blue" }));
  expect(err).toMatch(/Lines with odd quotes or another number of fields: 1: 11\./);
  expect(err).toMatch(/Rows of meta\.csv that match no image: 1: none\.png\./);
  expect(err).toMatch(/Images without a row or a value in meta\.csv, left out: 2: /);
  await expect(labelsCommand(folder, { ...asked, column: "age" })).rejects.toThrow(
    /no column "age"\. It has image, hue/,
  );
  await expect(labelsCommand(folder, { ...place(), column: "hue" })).rejects.toThrow(/--column hue needs the table/);
});

test("the same picture under two labels is a contradiction by its look; what is perhaps the same is none, and is never put away", async () => {
  const own = join(root, "looks");
  for (const name of ["a", "b"]) mkdirSync(join(own, name), { recursive: true });
  const drawing = Buffer.from(ALIKE_KINDS["numeral"]!(1));
  await sharp(drawing)
    .resize(320)
    .png()
    .toFile(join(own, "a", "one.png"));
  await sharp(drawing)
    .resize(320)
    .jpeg({ quality: 85 })
    .toFile(join(own, "b", "one.jpg"));
  await sharp(drawing)
    .resize(40)
    .png()
    .toFile(join(own, "b", "thumbnail.png"));
  await withIndex(own, model, { location: join(root, "indexes"), adapt: false }, (index) => index.update());

  const json = (await printed(() => duplicatesCommand(own, { ...place(), json: true }))).out;
  const { groups, perhaps } = JSON.parse(json) as DuplicatesResult;
  const paths = (all: DuplicatesResult["groups"]) => all.map(({ images }) => images.map(({ path }) => path));
  expect(paths(groups)).toEqual([["a/one.png", "b/one.jpg"]]);
  expect(paths(perhaps)).toEqual([["a/one.png", "b/thumbnail.png"]]);

  const labels = (await printed(() => labelsCommand(own, { ...place(), k: 1, json: true }))).out;
  const { contradictions } = JSON.parse(labels) as LabelsResult;
  expect(contradictions).toEqual([{ paths: ["a/one.png", "b/one.jpg"], labels: ["a", "b"], why: "picture" }]);

  const away = await printed(() => duplicatesCommand(own, { ...place(), putAway: true }));
  expect(away.out).toMatch(/^1 group among 3 images, 1 more than one of each/);
  expect(away.out).toMatch(/\n\nPerhaps the same.*: 1\n\na\/one\.png.*\n.*b\/thumbnail\.png/);
  expect(away.err).toMatch(/^Put away: 1 \(/);
  expect(existsSync(join(own, "b", "thumbnail.png"))).toBe(true);
  expect(existsSync(join(own, "b", "one.jpg"))).toBe(false);
});
