import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Embedder, EmbedderPool, FolderIndex, indexDetails, openEmbedder } from "../../../src/core/index.ts";
import { buildModel } from "../../../src/core/model/index.ts";
import { quantizeModel } from "../../../src/core/quantize/index.ts";
import { type FormChoice, int8FileOf } from "../../../src/shared/index.ts";
import { SMALL_NET, smoothImages } from "../quantize/smallNet.ts";

/** A pool whose models run on a GPU, as far as anybody asks. */
class GpuPool extends EmbedderPool {
  override async runsOnCpu(): Promise<boolean> {
    return false;
  }
}

const load = (file: string): Promise<Embedder> => openEmbedder(file, { device: "cpu" });
const pool = new EmbedderPool(load, "cpu");
const gpu = new GpuPool(load);
let root: string;
let images: string;
let model: string;
let place = 0;
let location: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-form-"));
  images = join(root, "images");
  await smoothImages(images, 3, 4);
  model = join(root, "small.onnx");
  writeFileSync(
    model,
    buildModel({ name: "small", backbone: SMALL_NET, branches: [{ kind: "SPoC" }, { kind: "MAC" }] }),
  );
  await quantizeModel(model, images, int8FileOf(model), { images: 4 });
});
beforeEach(() => {
  location = join(root, `indexes-${place++}`);
});
afterAll(async () => {
  await pool.release();
  await gpu.release();
  rmSync(root, { recursive: true, force: true });
});

/** Indexes the folder. @returns the name of the model that was used */
async function indexed(form?: FormChoice, { file = model, where = location, with: models = pool } = {}) {
  const index = await FolderIndex.open(images, models, file, { location: where, form });
  try {
    return (await index.update()).model.name;
  } finally {
    await index.close();
  }
}

test("on the CPU a new folder takes int8, and stays with it on a GPU", async () => {
  expect(await indexed()).toBe("small-int8");
  expect(await indexed("auto", { with: gpu })).toBe("small-int8");
  const { current, others } = await indexDetails(images, model, { location });
  expect(current).toMatchObject({ model: "small-int8", rows: 12 });
  expect(others).toEqual([]);
});

test("on a GPU a new folder takes float, and stays with it on the CPU", async () => {
  expect(await indexed("auto", { with: gpu })).toBe("small");
  expect(await indexed()).toBe("small");
  expect((await indexDetails(images, model, { location })).current).toMatchObject({ model: "small", rows: 12 });
});

test("a folder of before stays in float until it is told, and goes back at no cost", async () => {
  expect(await indexed("float")).toBe("small");
  expect(await indexed()).toBe("small");
  expect(await indexed("int8")).toBe("small-int8");
  const float = await FolderIndex.open(images, pool, model, { location, form: "float" });
  expect(await float.update()).toMatchObject({ indexed: 0, unchanged: 12, model: { name: "small" } });
  await float.close();
});

test("an int8 form of another model, one that is damaged, and none: float", async () => {
  const other = join(root, "other.onnx");
  writeFileSync(other, buildModel({ name: "other", backbone: SMALL_NET, branches: [{ kind: "GeM" }] }));
  expect(await indexed("int8", { file: other })).toBe("other");
  copyFileSync(int8FileOf(model), int8FileOf(other));
  expect(await indexed("int8", { file: other })).toBe("other");
  writeFileSync(int8FileOf(other), "no model");
  expect(await indexed("auto", { file: other })).toBe("other");
});

test("a copy of an index takes its form; one that is asked for in the other form says that there is none", async () => {
  await indexed("float");
  const copyTo = async (where: string, form?: FormChoice) => {
    const index = await FolderIndex.open(images, pool, model, { location: join(root, where), form });
    try {
      const { copied } = await index.copyFrom(location);
      return { copied, model: (await index.status()).model.name };
    } finally {
      await index.close();
    }
  };
  expect(await copyTo("copied")).toEqual({ copied: 12, model: "small" });
  expect(await indexed("auto", { where: join(root, "copied") })).toBe("small");
  await expect(copyTo("asked", "int8")).rejects.toThrow("has no index by the model small-int8");
});
