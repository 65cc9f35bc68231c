import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkSetup } from "../../../src/core/doctor/index.ts";
import { EmbedderPool, FolderIndex, openEmbedder } from "../../../src/core/index.ts";
import { buildModel } from "../../../src/core/model/index.ts";
import { quantizeModel } from "../../../src/core/quantize/index.ts";
import { describeSetup, int8FileOf } from "../../../src/shared/index.ts";
import { SMALL_NET, smoothImages } from "../quantize/smallNet.ts";
import { tinyModel } from "../runtime/tinyModel.ts";

let root: string;
let modelFile: string;
let cacheFolder: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-doctor-"));
  modelFile = join(root, "tiny.onnx");
  cacheFolder = join(root, "devices");
  writeFileSync(modelFile, tinyModel());
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("where all is well it says what is there", async () => {
  const report = await checkSetup({ builtInModel: modelFile, model: modelFile, cacheFolder, device: "cpu" });
  expect(report).toMatchObject({ ok: true, problems: [] });
  expect(report.device).toMatchObject({ asked: "cpu", used: "cpu", reason: null });
  expect(report.device!.imagesPerSecond).toBeGreaterThan(0);
  expect(report.device!.batch).toBeLessThanOrEqual(8);
  expect(report.model).toMatchObject({
    name: "tiny",
    file: modelFile,
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(report.versions.lookalike).toMatch(/^\d+\.\d+\.\d+/);
  for (const version of Object.values(report.versions)) expect(version).toMatch(/^\d+\./);
  expect(report).not.toHaveProperty("index");
  const text = describeSetup(report);
  expect(text).toContain("tried cpu: works");
  expect(report.candidates).toEqual({ used: true, reason: null });
  expect(text).toContain("is searched by usearch's candidates");
  expect(text.endsWith("All is well.")).toBe(true);
});

test("the form is named that a folder uses: int8 on the CPU, float where that is what it is indexed in", async () => {
  const folder = join(root, "forms");
  await smoothImages(folder, 2, 2);
  const float = join(root, "small.onnx");
  writeFileSync(float, buildModel({ name: "small", backbone: SMALL_NET, branches: [{ kind: "SPoC" }] }));
  await quantizeModel(float, folder, int8FileOf(float), { images: 2 });
  const common = {
    builtInModel: float,
    model: float,
    cacheFolder,
    device: "cpu",
    location: join(root, "form-indexes"),
  } as const;
  expect((await checkSetup({ ...common, folder })).model).toMatchObject({
    name: "small-int8",
    file: int8FileOf(float),
  });
  expect((await checkSetup({ ...common, form: "float" })).model).toMatchObject({ name: "small", file: float });
  const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
  const index = await FolderIndex.open(folder, pool, float, { location: common.location, form: "float" });
  await index.update();
  await index.close();
  await pool.release();
  const { model, index: found } = await checkSetup({ ...common, folder });
  expect(model).toMatchObject({ name: "small", file: float });
  expect(found).toMatchObject({ rows: 4, model: model!.fingerprint });
});

test("a native module that cannot be loaded is named, and the rest of the report stands", async () => {
  const report = await checkSetup({
    builtInModel: modelFile,
    cacheFolder,
    loaders: {
      onnxruntime: async () => {
        throw new Error("\nlibonnxruntime.so.1: cannot open shared object file\nat Object..node");
      },
      sharp: async () => ({ sharp: "1.0.0", libvips: "2.0.0" }),
      "better-sqlite3": async () => ({ "better-sqlite3": "3.0.0", sqlite: "4.0.0" }),
      usearch: async () => ({ usearch: "5.0.0" }),
    },
  });
  expect(report).toMatchObject({ ok: false, device: null, model: null });
  expect(report.versions).toMatchObject({ onnxruntime: null, sharp: "1.0.0", sqlite: "4.0.0" });
  expect(report.problems).toHaveLength(1);
  expect(report.problems[0]).toContain("onnxruntime cannot be loaded on ");
  expect(report.problems[0]).toContain("libonnxruntime.so.1: cannot open shared object file.");
  expect(describeSetup(report)).toContain("onnxruntime missing");
});

test("without usearch all is well, and it says what that costs and why", async () => {
  const noBuild = new Error("No native build was found for platform=win32 arch=arm64");
  const report = await checkSetup({
    builtInModel: modelFile,
    model: modelFile,
    cacheFolder,
    device: "cpu",
    loaders: {
      onnxruntime: async () => ({ onnxruntime: "1.0.0" }),
      sharp: async () => ({ sharp: "1.0.0", libvips: "2.0.0" }),
      "better-sqlite3": async () => ({ "better-sqlite3": "3.0.0", sqlite: "4.0.0" }),
      usearch: () => Promise.reject(noBuild),
    },
  });
  expect(report).toMatchObject({ ok: true, problems: [], versions: { usearch: null }, candidates: { used: false } });
  expect(report.candidates.reason).toMatch(/^usearch cannot be loaded on \S+: No native build was found/);
  const text = describeSetup(report);
  expect(text).toContain("searched by going through all of it: exact, but slow");
  expect(text).toContain(noBuild.message);
});

test("a device that was asked for and is not possible is a problem, with the reason", async () => {
  const device = process.platform === "darwin" ? "dml" : "coreml";
  const report = await checkSetup({ builtInModel: modelFile, model: modelFile, cacheFolder, device });
  expect(report.device).toMatchObject({ asked: device, used: "cpu" });
  expect(report.ok).toBe(false);
  expect(report.problems[0]).toMatch(/^The device \w+ cannot be used: onnxruntime has no .*\. cpu is used instead\.$/);
});

test.each([
  ["missing", undefined, /There is no model/],
  ["a text file", "no model", /not an ONNX file/],
])("a model that is %s is a problem", async (name, content, expected) => {
  const file = join(root, `${name}.onnx`);
  if (content !== undefined) writeFileSync(file, content);
  const report = await checkSetup({ builtInModel: modelFile, model: file, cacheFolder });
  expect(report).toMatchObject({ ok: false, model: null, device: null });
  expect(report.problems[0]).toMatch(expected);
});

test("an index is opened where there is one, and none is made", async () => {
  const folder = join(root, "images");
  const location = join(root, "indexes");
  mkdirSync(folder);
  const image = sharp({ create: { width: 20, height: 20, channels: 3, background: "#c33" } });
  await image.png().toFile(join(folder, "a.png"));
  writeFileSync(join(folder, "b.png"), "damaged");
  const options = { builtInModel: modelFile, model: modelFile, cacheFolder, device: "cpu", folder, location } as const;

  const before = await checkSetup(options);
  expect(before).toMatchObject({ ok: true, index: { folder, file: null, rows: 0 } });
  expect(describeSetup(before)).toContain("not indexed yet");
  expect(readdirSync(root)).not.toContain("indexes");

  const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
  const index = await FolderIndex.open(folder, pool, modelFile, { location });
  await index.update();
  await index.close();
  await pool.release();
  const after = await checkSetup(options);
  expect(after.index).toMatchObject({ folder, rows: 1, skipped: 1, file: expect.stringMatching(/\.sqlite$/) });
  expect(after.index).toMatchObject({ images: 1, duplicates: 0, orphans: 0, integrity: "ok" });
  expect(describeSetup(after)).toContain("0 duplicates, 0 orphans, integrity ok");

  const database = new Database(after.index!.file!);
  database.pragma("foreign_keys = OFF");
  database.exec("delete from image");
  database.close();
  const broken = await checkSetup(options);
  expect(broken).toMatchObject({ ok: false, index: { images: 0, orphans: 1 } });
  expect(broken.problems[0]).toMatch(/is not as it should be\. Rebuild it/);

  const nowhere = await checkSetup({ ...options, folder: join(root, "nowhere") });
  expect(nowhere.problems[0]).toMatch(/nowhere is not a folder/);
  expect(nowhere.device).toMatchObject({ used: "cpu" });
});
