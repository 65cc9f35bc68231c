import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CancellationToken, CancellationTokenSource } from "vscode-jsonrpc/node";
import { Folders } from "../../../src/engine/folders.ts";
import { engineHandlers } from "../../../src/engine/handlers.ts";
import { type EngineNotifications, type ExplainResult, REQUEST_CANCELLED } from "../../../src/shared/index.ts";
import { columnNotes } from "../../fixtures/columnNotes.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

let root: string;
let told: { readonly method: keyof EngineNotifications; readonly params: unknown }[];
let handlers: ReturnType<typeof engineHandlers>;
const image = (name: string) => join(root, "images", name);

/** Warm and cold images in a folder each, with a spot at another place; one of each is copied, and one warm image lies among the cold ones. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-queries-"));
  for (const name of ["warm", "cold"]) mkdirSync(image(name), { recursive: true });
  for (let i = 0; i < 10; i++) {
    const warm = i % 2 === 0;
    const background = warm ? { r: 240, g: 90, b: 20 } : { r: 20, g: 90, b: 240 };
    const spot = { create: { width: 16, height: 16, channels: 3 as const, background: "#000" } };
    const picture = sharp({ create: { width: 64, height: 64, channels: 3, background } }).composite([
      { input: spot, left: 16 * (i % 4), top: 16 * Math.floor(i / 4) },
    ]);
    await picture.png().toFile(image(warm && i !== 8 ? `warm/${i}.png` : `cold/${i}.png`));
  }
  copyFileSync(image("warm/2.png"), image("warm/copy.png"));
  await sharp(image("cold/3.png")).resize(56, 56).jpeg({ quality: 80 }).toFile(image("cold/small.jpg"));
  writeFileSync(join(root, "model.onnx"), tinyModel("model", "SMG"));
  told = [];
  const folders = new Folders(join(root, "model.onnx"), () => {}, join(root, "models"));
  handlers = engineHandlers(folders, (method, params) => told.push({ method, params }));
  await handlers["folder/index"](there(), CancellationToken.None);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const there = () => ({ folder: join(root, "images"), location: join(root, "indexes"), adapt: false });
const progressOf = (run: number) =>
  told.flatMap(({ method, params }) => {
    const step = params as EngineNotifications["query/progress"];
    return method === "query/progress" && step.run === run ? [step] : [];
  });

test("similar: examples, weights and a folder cross the link as they are", async () => {
  const examples = [
    { image: image("warm/0.png"), sign: 1, box: { x: 0, y: 0, width: 0.5, height: 0.5 } },
    { image: image("cold/1.png"), sign: -1 },
  ] as const;
  const asked = { ...there(), examples, weights: { mac: 0 }, only: { folder: "cold" }, k: 4 };
  const { weights, examples: echoed, results } = await handlers["image/similar"](asked, CancellationToken.None);
  expect(weights).toEqual({ spoc: 1, mac: 0, gem: 1 });
  expect(echoed[0]).toEqual({ ...examples[0], image: "warm/0.png" });
  expect(results["combined"]).toHaveLength(4);
  expect(results["combined"]![0]!.path).toBe("cold/8.png");
});

test("an image is found by the content of a file that is elsewhere, or not there any more", async () => {
  const hashOf = (name: string) =>
    createHash("sha256")
      .update(readFileSync(image(name)))
      .digest("hex");
  const find = (hash: string) => handlers["image/withContent"]({ ...there(), hash }, CancellationToken.None);
  expect(await find(hashOf("cold/3.png"))).toBe("cold/3.png");
  expect(await find(hashOf("warm/copy.png"))).toBe("warm/2.png");
  expect(await find("0".repeat(64))).toBeNull();
});

test("explain: maps of both images as typed arrays, which add up to the score", async () => {
  const asked = { ...there(), query: image("warm/0.png"), result: image("warm/2.png") };
  const { branches, problem }: ExplainResult = await handlers["image/explain"](asked, CancellationToken.None);
  expect(problem).toBeNull();
  expect(branches.map(({ name }) => name)).toEqual(["spoc", "mac", "gem"]);
  for (const { score, query, result, matches } of branches) {
    for (const { map, constant } of [query, result]) {
      expect(map).toBeInstanceOf(Float32Array);
      expect(map.reduce((sum, part) => sum + part, constant)).toBeCloseTo(score, 4);
    }
    expect(matches.toResult).toHaveLength(16);
  }
  const box = { x: 0.5, y: 0.5, width: 0.25, height: 0.25 };
  const part = await handlers["image/explain"]({ ...asked, box }, CancellationToken.None);
  expect(part.branches[0]!.score).not.toBe(branches[0]!.score);
});

test("duplicates: the groups, and progress where a run is named", async () => {
  const { groups } = await handlers["folder/duplicates"]({ ...there(), run: 5 }, CancellationToken.None);
  expect(groups.map(({ images }) => images.map(({ path, identical }) => [path, identical]))).toEqual([
    [
      ["cold/3.png", true],
      ["cold/small.jpg", false],
    ],
    [
      ["warm/2.png", true],
      ["warm/copy.png", true],
    ],
  ]);
  expect(progressOf(5)[0]).toMatchObject({ step: "reading" });
  const before = told.length;
  await handlers["folder/duplicates"](there(), CancellationToken.None);
  expect(told).toHaveLength(before);
});

test("labels: the image in the wrong folder, or what a labels file makes of it", async () => {
  const { images, classes, suspicious, warnings } = await handlers["folder/labels"](there(), CancellationToken.None);
  expect([images, classes, warnings]).toEqual([12, 2, []]);
  expect(suspicious).toMatchObject([{ path: "cold/8.png", label: "cold", suggested: "warm", votes: 5, k: 6 }]);
  const labels = join(root, "labels.csv");
  writeFileSync(labels, "path,label\nwarm/0.png,\ncold/8.png,warm\ncold/1.png,cold\nwarm/2.png,warm\n");
  const given = await handlers["folder/labels"]({ ...there(), labels, k: 3 }, CancellationToken.None);
  expect([given.images, given.classes]).toEqual([3, 2]);
  expect(given.warnings).toEqual([
    "Images without a row or a value in labels.csv, left out: 9: cold/3.png, cold/5.png, cold/7.png, ....",
  ]);
});

const TABLE = () => ({ file: join(root, "kinds.csv"), column: "kind" });
const writeKinds = (...rows: string[]) => writeFileSync(TABLE().file, ["path,kind", ...rows].join("\n"));
const of = (paths: readonly string[], from = TABLE()) =>
  handlers["labels/of"]({ ...there(), from, paths }, CancellationToken.None);
const found = async (labels: readonly string[], from: ReturnType<typeof TABLE> | null) => {
  const examples = [{ image: image("warm/0.png"), sign: 1 }] as const;
  const asked = { ...there(), examples, only: { labels }, labels: from, k: 20 };
  const { results } = await handlers["image/similar"](asked, CancellationToken.None);
  return Object.values(results).map((list) => list.map(({ path }) => path).sort());
};

test("labels: of images and of all, from a table or from folders, and read again when the table changes", async () => {
  writeKinds("cold/1.png,a", "cold/3.png,b", "warm/2.png,b", "gone.png,c");
  const first = await of(["cold/3.png", "warm/0.png", "cold/1.png", "not indexed.png"]);
  expect(first.labels).toEqual(["b", null, "a", null]);
  const facets = (from: ReturnType<typeof TABLE> | null) =>
    handlers["labels/facets"]({ ...there(), from }, CancellationToken.None);
  expect(await facets(TABLE())).toEqual({
    labels: [
      { label: "b", images: 2 },
      { label: "a", images: 1 },
    ],
    others: { labels: 0, images: 0 },
    unlabelled: 9,
    notes: columnNotes({ images: 12, matched: 3, unknown: { count: 1, first: ["gone.png"] } }),
    split: [],
  });
  expect(await facets(null)).toMatchObject({
    labels: [
      { label: "cold", images: 7 },
      { label: "warm", images: 5 },
    ],
    unlabelled: 0,
    notes: null,
  });
  writeKinds("cold/1.png,another");
  const second = await of(["cold/1.png", "cold/3.png"]);
  expect(second.labels).toEqual(["another", null]);
  expect(second.state).not.toBe(first.state);
  expect((await of(["cold/1.png"])).state).toBe(second.state);
});

test("folders that are taken for the parts of a split are told with the labels below them", async () => {
  const folder = join(root, "split");
  for (const [part, names] of [
    ["train", ["warm/0.png", "cold/1.png"]],
    ["Val", ["warm/2.png", "cold/3.png"]],
  ] as const) {
    for (const name of names) {
      mkdirSync(join(folder, part, name.split("/")[0]!), { recursive: true });
      copyFileSync(image(name), join(folder, part, name));
    }
  }
  const asked = { ...there(), folder };
  await handlers["folder/index"](asked, CancellationToken.None);
  const facets = await handlers["labels/facets"]({ ...asked, from: null }, CancellationToken.None);
  expect(facets).toMatchObject({ split: ["Val", "train"], unlabelled: 0 });
  expect(facets.labels.map(({ label, images }) => [label, images]).sort()).toEqual([
    ["cold", 2],
    ["warm", 2],
  ]);
});

test("a filter on labels: every list holds those images and no others", async () => {
  writeKinds("cold/1.png,a", "cold/3.png,b", "warm/2.png,b", "warm/0.png,b");
  // The query itself is left out.
  for (const list of await found(["b"], TABLE())) expect(list).toEqual(["cold/3.png", "warm/2.png"]);
  for (const list of await found(["a", "b"], TABLE())) expect(list).toEqual(["cold/1.png", "cold/3.png", "warm/2.png"]);
  for (const list of await found([""], TABLE())) expect(list).toHaveLength(8);
  for (const list of await found(["none"], TABLE())) expect(list).toEqual([]);
  for (const list of await found(["warm"], null)) expect(list.every((path) => path.startsWith("warm/"))).toBe(true);
});

test("a table that vanished is an error that names it, and is read again once it is back", async () => {
  writeKinds("cold/1.png,a");
  await of([]);
  rmSync(TABLE().file);
  await expect(of(["cold/1.png"])).rejects.toThrow(/kinds\.csv: the file is gone/);
  await expect(found(["a"], TABLE())).rejects.toThrow(/kinds\.csv: the file is gone/);
  await expect(of([], { ...TABLE(), file: join(root, "model.onnx") })).rejects.toThrow(/model\.onnx/);
  writeKinds("cold/1.png,back");
  expect((await of(["cold/1.png"])).labels).toEqual(["back"]);
  await expect(of([], { ...TABLE(), column: "other" })).rejects.toThrow(/no column "other"/);
});

test("suspicious labels come from the column that is named", async () => {
  const rows = ["warm/0.png", "warm/2.png", "warm/4.png", "warm/6.png", "cold/8.png"].map((path) => `${path},red`);
  writeKinds(...rows, ...["cold/1.png", "cold/3.png", "cold/5.png"].map((path) => `${path},blue`), "cold/7.png,red");
  const { file, column } = TABLE();
  const asked = { ...there(), labels: file, column, k: 3 };
  const { images, classes, suspicious, warnings } = await handlers["folder/labels"](asked, CancellationToken.None);
  expect([images, classes]).toEqual([9, 2]);
  expect(suspicious).toMatchObject([{ path: "cold/7.png", label: "red", suggested: "blue" }]);
  expect(warnings).toHaveLength(1);
});

test("several folders: each has its own labels, and one without a table has none", async () => {
  const other = join(root, "others");
  mkdirSync(join(other, "warm"), { recursive: true });
  for (const i of [0, 2]) copyFileSync(image(`warm/${i}.png`), join(other, "warm", `${i}.png`));
  const folders = [there().folder, other];
  await handlers["folder/index"]({ ...there(), folder: other }, CancellationToken.None);
  writeKinds("cold/1.png,a", "warm/2.png,b");
  const asked = {
    ...{ folders, location: there().location, adapt: false, k: 20 },
    examples: [{ image: image("warm/0.png"), sign: 1 }] as const,
  };
  const paths = async (only: object, labels?: Record<string, ReturnType<typeof TABLE>>) => {
    const across = { ...asked, only, ...(labels === undefined ? {} : { labels }) };
    const { results } = await handlers["image/similarAcross"](across, CancellationToken.None);
    return results["combined"]!.map(({ path }) => path).sort();
  };
  const labels = { [there().folder]: TABLE() };
  expect(await paths({ labels: ["b"] }, labels)).toEqual(["images/warm/2.png"]);
  expect(await paths({ labels: ["b", ""], folder: "others" }, labels)).toEqual([
    "others/warm/0.png",
    "others/warm/2.png",
  ]);
  expect(await paths({ labels: ["warm"], folder: "others" })).toEqual(["others/warm/0.png", "others/warm/2.png"]);
});

test("the same picture is found among files of any folder by its appearance; what cannot be read is counted", async () => {
  const images = ["cold/3.png", "warm/2.png", "none.png", "cold/small.jpg", "warm/0.png", "warm/copy.png"].map(image);
  const copies = await handlers["image/copies"]({ images }, CancellationToken.None);
  expect(copies).toEqual({
    groups: [
      [0, 3],
      [1, 5],
    ],
    skipped: 1,
  });
  // A file is looked at again once it changed.
  await sharp({ create: { width: 64, height: 64, channels: 3, background: "#0f0" } })
    .png()
    .toFile(image("warm/copy.png"));
  const again = await handlers["image/copies"]({ images }, CancellationToken.None);
  expect(again.groups).toEqual([[0, 3]]);
});

test("reading a large table of labels: who cancels is told so, who stays gets the labels, and it is read again", async () => {
  writeKinds(`${"cold/1.png,a\n".repeat(1_000_000)}cold/3.png,b`);
  const asked = { ...there(), from: TABLE(), paths: ["cold/1.png", "cold/3.png"] };
  const cancelled = { code: REQUEST_CANCELLED };
  const all = [0, 1, 2].map(() => new CancellationTokenSource());
  const [one, two, three] = all.map(({ token }) => token);
  const first = handlers["labels/of"](asked, one!);
  const second = handlers["labels/facets"](asked, two!);
  all[0]!.cancel();
  await expect(first).rejects.toMatchObject(cancelled);
  all[1]!.cancel();
  await expect(second).rejects.toMatchObject(cancelled);
  const left = handlers["labels/facets"](asked, three!);
  const stays = handlers["labels/of"](asked, CancellationToken.None);
  all[2]!.cancel();
  await expect(left).rejects.toMatchObject(cancelled);
  expect((await stays).labels).toEqual(["a", "b"]);
});

test("what takes long can be cancelled", async () => {
  const source = new CancellationTokenSource();
  source.cancel();
  const cancelled = { code: REQUEST_CANCELLED };
  await expect(handlers["folder/duplicates"](there(), source.token)).rejects.toMatchObject(cancelled);
  await expect(handlers["folder/labels"](there(), source.token)).rejects.toMatchObject(cancelled);
  const images = [image("warm/0.png")];
  await expect(handlers["image/copies"]({ images }, source.token)).rejects.toMatchObject(cancelled);
});
