import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EmbedderPool, evaluateFolder, evaluationHtml, FolderIndex, openEmbedder } from "../../../src/core/index.ts";
import { appendHeads, encodeSeen } from "../../../src/core/model/index.ts";
import { type EvaluationReport, evaluationJson, scoresOf } from "../../../src/shared/index.ts";
import { referenceOf } from "../evaluation/reference.ts";
import { CLASSES, drawColoured, EACH } from "./colouredFolder.ts";

const root = mkdtempSync(join(tmpdir(), "lookalike-evaluate-"));
const folder = join(root, "images");
const model = join(root, "model.onnx");
const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));

beforeAll(() => drawColoured(folder, model));
afterAll(async () => {
  await pool.release();
  rmSync(root, { recursive: true, force: true });
});

const evaluate = (options: Parameters<typeof evaluateFolder>[3] = {}) =>
  evaluateFolder(folder, [model], pool, { location: join(root, "indexes"), ...options });

let whole: EvaluationReport;

test("the state that is searched comes first, then the model as it is; the figures are those of what is exported", async () => {
  whole = await evaluate();
  expect(whole.models.map(({ state }) => state)).toEqual(["adapted", "raw"]);
  expect(whole).toMatchObject({ protocol: "all", queries: 74, excluded: 1, gallery: 75, classes: 7 });
  expect(whole.note).toContain("too few to tell");
  const index = await FolderIndex.open(folder, pool, model, { location: join(root, "indexes") });
  const snapshot = await index.snapshot();
  const { paths, branches } = snapshot;
  const rows: Float32Array[] = [];
  for await (const row of snapshot.rows()) rows.push(row.slice());
  await snapshot.close();
  await index.close();
  const labels = paths.map((path) => path.split("/")[0]!);
  let offset = 0;
  const matrices = branches.map(({ dim }) => {
    const from = offset;
    offset += dim;
    return Float32Array.from(rows.flatMap((row) => [...row.subarray(from, from + dim)]));
  });
  const all = Int32Array.from(paths.keys());
  const task = {
    names: [],
    dims: branches.map(({ dim }) => dim),
    count: paths.length,
    matrices,
    classes: Int32Array.from(labels, (label) => [...new Set(labels)].indexOf(label)),
    queries: all,
    gallery: all,
  };
  for (const [key, of] of [
    ["spoc", [0]],
    ["mac", [1]],
    ["combined", [0, 1]],
  ] as const) {
    const found = [...all].map((row) => referenceOf(task, row, of)).filter((each) => each !== null);
    const { metrics } = whole.models[0]!.descriptors[key]!;
    const mean = (of: (each: (typeof found)[number]) => number) =>
      found.reduce((sum, each) => sum + of(each), 0) / found.length;
    expect(metrics["recall@1"]).toBeCloseTo(
      mean(({ first }) => (first === 1 ? 1 : 0)),
      3,
    );
    expect(metrics["recall@4"]).toBeCloseTo(
      mean(({ first }) => (first <= 4 ? 1 : 0)),
      3,
    );
    expect(metrics["map@r"]).toBeCloseTo(
      mean(({ averagePrecision }) => averagePrecision),
      3,
    );
    expect(metrics["r-precision"]).toBeCloseTo(
      mean(({ rPrecision }) => rPrecision),
      3,
    );
    expect(metrics["mrr"]).toBeCloseTo(
      mean(({ first }) => 1 / first),
      3,
    );
  }
});

test("copies are named, those with two labels too, and the figures without them are worse", () => {
  expect(whole.copies).toMatchObject({ groups: 2, images: 4 });
  expect(whole.contradictions.map(({ label, copyLabel }) => [label, copyLabel])).toEqual([["class 1", "class 2"]]);
  const { metrics, withoutCopies } = whole.models[0]!.descriptors["combined"]!;
  expect(withoutCopies!.queries).toBe(74);
  expect(withoutCopies!.metrics["map@r"]).not.toBe(metrics["map@r"]);
});

test("the JSON has an entry per model and state, with the metrics of a descriptor side by side", () => {
  const json = JSON.parse(JSON.stringify(evaluationJson(whole))) as {
    readonly models: readonly { readonly descriptors: Readonly<Record<string, Readonly<Record<string, unknown>>>> }[];
  };
  expect(json).toMatchObject({ protocol: "all", queries: 74, excluded: 1 });
  const { combined } = json.models[0]!.descriptors;
  expect(Object.keys(combined!)).toEqual([
    "recall@1",
    "recall@2",
    "recall@4",
    "recall@8",
    "r-precision",
    "map@r",
    "mrr",
    "intervals",
    "classMeans",
    "withoutCopies",
  ]);
  expect(combined!["withoutCopies"]).toHaveProperty("recall@1");
});

test("held-out classes, queries and gallery of a table, and labels for a part of the images", async () => {
  const heldOut = await evaluate({ protocol: "by-class", searchedOnly: true, copies: false });
  expect(heldOut).toMatchObject({ classes: 3, excluded: 0 });
  expect(heldOut.queries).toBe(heldOut.gallery);

  const table = join(root, "split.csv");
  const rows = Array.from({ length: CLASSES * 6 }, (_, i) => {
    const [of, n] = [Math.floor(i / 6), i % 6];
    return `class ${of}/${n}.png,${of},${n < 2 ? "query" : "gallery"}`;
  });
  writeFileSync(
    table,
    ["path,label,split", ...rows, "class 0/7.png,0,other", "class 0/0.png,5,query", "gone.png,1,"].join("\n"),
  );
  const apart = await evaluate({ labels: table, protocol: "query-gallery", searchedOnly: true, copies: false });
  expect(apart).toMatchObject({ queries: 11, gallery: 24, classes: 6 });
  const told = apart.warnings.join("\n");
  expect(told).toMatch(/with different values: 1: class 0\/0\.png/);
  expect(told).toMatch(/split is not one of train.*class 0\/7\.png \(other\)/);
  expect(told).toMatch(/match no image: 1: gone\.png/);
  expect(told).toMatch(/39 images without a label/);
  // 36 images, of which one has two labels and so none; the one with a foreign split has a label all the same.
  expect((await evaluate({ labels: table, searchedOnly: true, copies: false })).queries).toBe(36);
});

test("what the labels do not allow is said: none, one class, a split without a test, a protocol without a split", async () => {
  const table = join(root, "one.csv");
  const write = (...rows: string[]) => writeFileSync(table, ["path,label,split", ...rows].join("\n"));
  const quick = { labels: table, searchedOnly: true, copies: false };
  write("gone.png,1,");
  await expect(evaluate(quick)).rejects.toThrow(/None of the 75 indexed images .* has a label/);
  write(...Array.from({ length: 12 }, (_, n) => `class 0/${n}.png,same,`));
  const one = await evaluate(quick);
  expect(one.note).toMatch(/no figure: all images are of one class/);
  expect(one.models[0]!.descriptors).toEqual({});
  write("class 0/0.png,a,", "class 0/1.png,a,", "class 1/0.png,b,", "class 1/1.png,b,");
  expect((await evaluate(quick)).note).toMatch(/no figure: 4 queries/);
  write(...Array.from({ length: 24 }, (_, i) => `class ${i % 2}/${i >> 1}.png,${i % 2},train`));
  await expect(evaluate({ ...quick, protocol: "by-class" })).rejects.toThrow(/no test images/);
  // What the table calls the test otherwise is part of the answer.
  writeFileSync(table, ["path,label,split", "class 0/0.png,0,train", "class 1/0.png,1,holdout"].join("\n"));
  await expect(evaluate({ ...quick, protocol: "by-class" })).rejects.toThrow(
    /no test images.*split is not one of train.*class 1\/0\.png \(holdout\)/,
  );
  await expect(evaluate({ protocol: "query-gallery" })).rejects.toThrow(/needs a split/);
  await expect(evaluate({ ...quick, dataset: "cub" })).rejects.toThrow(/give one of them/);
});

test("K above what there is to find is left out and named; an index that is behind its folder says so", async () => {
  const list = ["36", "image_name item_id evaluation_status"];
  for (let i = 0; i < 36; i++) {
    const [of, n] = [Math.floor(i / EACH), i % EACH];
    list.push(`class ${of}/${n}.png id_${of} ${n < 5 ? "query" : "gallery"}`);
  }
  writeFileSync(join(folder, "list_eval_partition.txt"), list.join("\n"));
  copyFileSync(join(folder, "class 5", "3.png"), join(folder, "class 5", "new.png"));
  const shop = await evaluate({ dataset: "inshop", searchedOnly: true, copies: false });
  rmSync(join(folder, "class 5", "new.png"));
  rmSync(join(folder, "list_eval_partition.txt"));
  expect(shop).toMatchObject({ protocol: "query-gallery", dataset: "inshop" });
  const told = shop.warnings.join("\n");
  expect(told).toMatch(/Recall@30, Recall@40, Recall@50 left out: a query has/);
  expect(told).toMatch(/1 image not in it/);
  expect(Object.keys(shop.models[0]!.descriptors["combined"]!.metrics)).toEqual(
    expect.arrayContaining(["recall@1", "recall@10", "recall@20"]),
  );
});

test("the report is one file without scripts, and names are text in it", async () => {
  const odd = {
    ...whole,
    warnings: ["<script>alert(1)</script>"],
    models: whole.models.map((each) => ({ ...each, name: `"><img>` })),
  };
  const page = evaluationHtml(odd);
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/<script|<img|src="http|@import|url\(/);
  expect(page).toContain("&lt;script&gt;alert(1)");
  expect(page).toContain("&quot;&gt;&lt;img&gt;");
  expect(page).toMatch(/<a href="file:[^"]*class%20/);
});

test("a cancel ends it", async () => {
  const abort = new AbortController();
  abort.abort(new Error("enough"));
  await expect(evaluate({ signal: abort.signal })).rejects.toThrow("enough");
});

test("combined is what the weights of the index make of it, marked as measured on classes that chose them; beside it stands the equal mix", async () => {
  const index = await FolderIndex.open(folder, pool, model, { location: join(root, "indexes") });
  const database = new Database(index.source().place);
  const held = { weights: { spoc: 0, mac: 1 }, from: "names", images: 75 };
  database.prepare("insert or replace into meta values ('note:weights', ?)").run(JSON.stringify(held));
  database.close();
  await index.close();
  const { models, warnings } = await evaluate({ searchedOnly: true });
  const { descriptors, differences } = models[0]!;
  // With all weight on one branch it is that branch.
  for (const metric of ["recall@1", "map@r", "mrr"]) {
    expect(descriptors["combined"]!.metrics[metric]).toBeCloseTo(descriptors["mac"]!.metrics[metric]!, 6);
  }
  expect(differences).toContainEqual(expect.objectContaining({ a: "combined", b: "spoc+mac", metric: "recall@1" }));
  expect(warnings.join()).toMatch(
    /weights that the index holds, as the folder is searched \(spoc 0, mac 1\); "spoc\+mac" is the equal mix\. They were chosen by classes of this folder/,
  );
  const equal = await evaluate({ searchedOnly: true, weights: "equal" });
  expect(Object.keys(equal.models[0]!.descriptors)).toEqual(["spoc", "mac", "combined"]);
  for (const metric of ["recall@1", "map@r", "mrr"]) {
    const mixed = equal.models[0]!.descriptors["combined"]!.metrics[metric];
    expect(descriptors["spoc+mac"]!.metrics[metric]).toBe(mixed);
  }
});

test("figures among images that a model was trained on are said to flatter it, and are no scores of it", async () => {
  const file = join(root, "trained.onnx");
  const learned = Array.from({ length: EACH }, (_, n) => readFileSync(join(folder, "class 4", `${n}.png`)));
  const seen = encodeSeen(learned.map((bytes) => createHash("sha256").update(bytes).digest()));
  const training = { method: "trained end to end", images: EACH, seen };
  writeFileSync(file, appendHeads(readFileSync(model), "tiny", [null, null], "trained", training));
  const report = await evaluateFolder(folder, [model, file], pool, { location: join(root, "indexes"), copies: false });
  const told = report.models.map(({ name, state, trainedOn }) => [name, state, trainedOn]);
  expect(told.at(-1)).toEqual(["trained", "trained", { queries: EACH, classes: 1 }]);
  expect(told.slice(0, -1).map((each) => each[2])).toEqual([null, null]);
  expect(report.warnings.join("\n")).toMatch(
    /trained \(trained\) was trained on 12 of the 7\d queries \(1 class\): .* flatter it/,
  );
  const of = (at: number) => scoresOf(report, report.models.at(at)!.fingerprint, new Date());
  expect(of(-1)).toEqual([]);
  expect(of(1)).not.toEqual([]);
});

test("an embedding of no numbers is left out, told, and not counted among what there is to find", async () => {
  const index = await FolderIndex.open(folder, pool, model, { location: join(root, "indexes") });
  const database = new Database(index.source().place);
  const of = "from embedding where image_id = (select id from image where path = 'class 5/2.png')";
  const { branches } = database.prepare<[], { branches: Buffer }>(`select branches ${of}`).get()!;
  const odd = Buffer.alloc(branches.length);
  for (let at = 0; at < odd.length; at += 2) odd.writeUInt16LE(0x7e00, at);
  // Rows of before have no checksum.
  database.prepare(`update embedding set crc = null, branches = ? ${of.replace("from embedding", "")}`).run(odd);
  database.close();
  await index.close();
  const { queries, excluded, gallery, warnings } = await evaluate({ searchedOnly: true, copies: false });
  expect({ queries, excluded, gallery }).toEqual({ queries: 73, excluded: 1, gallery: 74 });
  expect(warnings.join("\n")).toMatch(/1 image without an embedding, left out/);
});
