import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import sharp from "sharp";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { EmbedderPool, FolderIndex, indexDetails, openEmbedder } from "../../../src/core/index.ts";
import type { BackboneSource } from "../../../src/core/model/backbones/backbone.ts";
import { buildModel } from "../../../src/core/model/index.ts";
import type { IndexProgress } from "../../../src/shared/index.ts";
import { like } from "../../fixtures/like.ts";

/** Three colours in a 4 x 4 grid: small enough to adapt in a moment, and it sees colour and place. */
const TINY: BackboneSource = {
  backbone: { name: "tiny", lastDownsampling: "kept", taps: [{ name: "pixels", channels: 48, height: 2, width: 2 }] },
  weights: { source: "none", version: "1", licence: "none" },
  inputSize: 8,
  addTo: (graph, pixels) => [
    graph.op("SpaceToDepth", [graph.op("Div", [pixels, graph.scalar(255)])], { blocksize: 4 }),
  ],
};

const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
let root: string;
let folder: string;
let model: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-adapt-"));
  folder = join(root, "images");
  mkdirSync(folder);
  model = join(root, "tiny.onnx");
  writeFileSync(model, buildModel({ name: "tiny", backbone: TINY, branches: [{ kind: "SPoC" }, { kind: "MAC" }] }));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
afterAll(() => pool.release());

async function draw(from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="hsl(${i * 37},60%,70%)"/><circle cx="${10 + (i % 5) * 5}" cy="${8 + (i % 7) * 4}" r="${4 + (i % 4) * 3}" fill="hsl(${i * 91},70%,40%)"/></svg>`;
    await sharp(Buffer.from(svg))
      .png()
      .toFile(join(folder, `${i}.png`));
  }
}

async function withIndex<T>(work: (index: FolderIndex) => Promise<T>, adapt = true, location = "indexes"): Promise<T> {
  const index = await FolderIndex.open(folder, pool, model, { location: join(root, location), adapt });
  try {
    return await work(index);
  } finally {
    await index.close();
  }
}

const adaptedFiles = (location = "indexes") =>
  readdirSync(join(root, location), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".onnx"));

test("what adapted the model explains its scores, too, though the file was renamed meanwhile", async () => {
  await draw(0, 70);
  await withIndex(async (index) => {
    await index.update();
    const [query, result] = ["0.png", "1.png"].map((name) => join(folder, name)) as [string, string];
    const { branches, problem } = await index.explain({ query, result });
    expect(problem).toBeNull();
    expect(branches.map(({ name }) => name)).toEqual(["spoc", "mac"]);
  });
});

test("a folder with enough images is adapted before its first index, and stays so", async () => {
  await draw(0, 70);
  const phases: IndexProgress["phase"][] = [];
  await withIndex(async (index) => {
    const summary = await index.update({ onProgress: ({ phase }) => void phases.push(phase) });
    expect(summary).toMatchObject({ indexed: 70, model: { name: "tiny+adapted", descriptors: ["spoc", "mac"] } });
    const { results } = await index.similar(like(join(folder, "3.png"), 5));
    expect(results["combined"]).toHaveLength(5);
  });
  expect(new Set(phases)).toEqual(new Set(["adapting", "scanning", "embedding"]));
  expect(phases.find((phase) => phase !== "scanning")).toBe("adapting");
  await withIndex(async (index) => {
    expect((await index.status()).model.name).toBe("tiny+adapted");
    expect(await index.update()).toMatchObject({ indexed: 0, unchanged: 70 });
  });
});

test("a model that was trained or adapted already is used as it is", async () => {
  await draw(0, 70);
  await withIndex((index) => index.update());
  const [adapted] = adaptedFiles();
  model = join(root, "trained.onnx");
  copyFileSync(join(root, "indexes", adapted!), model);
  await withIndex(
    async (index) => {
      expect((await index.update()).model.name).toBe("trained");
      expect((await index.update({ refit: true })).adaptation).toMatchObject({ images: 70 });
    },
    true,
    "others",
  );
  expect(adaptedFiles("others")).toEqual([]);
});

test("few images: the model stays as it is until there are enough", async () => {
  await draw(0, 20);
  await withIndex(async (index) =>
    expect(await index.update()).toMatchObject({ model: { name: "tiny" }, adaptation: "few" }),
  );
  expect(adaptedFiles()).toEqual([]);
  await draw(20, 24);
  await withIndex(async (index) => {
    expect(await index.update()).toMatchObject({
      indexed: 24,
      model: { name: "tiny+adapted" },
      adaptation: { images: 24 },
    });
    // Each of another kind: every image finds others, and itself with a score of 1.
    const { results } = await index.similar(like(join(folder, "3.png"), 30));
    expect(results["combined"]).toHaveLength(23);
    expect(results["combined"]!.every(({ score }) => Number.isFinite(score) && Math.abs(score) <= 1.001)).toBe(true);
  });
});

test("an index that was made with the model as it is, of few images, is adapted with its next run", async () => {
  await draw(0, 40);
  await withIndex((index) => index.update(), false);
  await withIndex(async (index) =>
    expect(await index.update()).toMatchObject({ indexed: 40, adaptation: { images: 40 } }),
  );
});

test("24 copies of one picture: it is said, not tried again with each run, and tried when there are twice as many", async () => {
  await draw(0, 1);
  const copy = (from: number, to: number) => {
    for (let i = from; i < to; i++) copyFileSync(join(folder, "0.png"), join(folder, `copy ${i}.png`));
  };
  copy(1, 24);
  await withIndex(async (index) => {
    const phases: IndexProgress["phase"][] = [];
    const update = () => index.update({ onProgress: ({ phase }) => void phases.push(phase) });
    expect(await update()).toMatchObject({ indexed: 24, model: { name: "tiny" }, adaptation: "alike" });
    expect(phases).toContain("adapting");
    const query = like(join(folder, "0.png"), 5);
    const { results, chance } = await index.similar({ ...query, only: { minScore: "auto" } });
    expect(results["combined"]).toHaveLength(5);
    expect(results["combined"]!.every(({ score }) => score > 0.999)).toBe(true);
    expect(chance).toBeNull();

    phases.length = 0;
    const again = await update();
    expect(again).toMatchObject({ unchanged: 24, model: { name: "tiny" } });
    expect(again.adaptation).toBeUndefined();
    expect(phases).not.toContain("adapting");

    await draw(24, 48);
    expect(await update()).toMatchObject({ model: { name: "tiny+adapted" }, adaptation: { images: 48 } });
  });
});

test("a folder of encodings of few pictures is not adapted to; of many, it is to one of each", async () => {
  const copies = async (from: number, to: number) => {
    await draw(from, to);
    for (let i = from; i < to; i++) {
      const picture = sharp(join(folder, `${i}.png`));
      for (const ending of ["webp", "tif", "gif"]) await picture.clone().toFile(join(folder, `${i} again.${ending}`));
    }
  };
  await copies(0, 9);
  await withIndex(async (index) => {
    expect(await index.update()).toMatchObject({ indexed: 36, model: { name: "tiny" }, adaptation: "alike" });
    await copies(9, 30);
    const { adaptation } = await index.update();
    expect(adaptation).toMatchObject({ images: 30 });
  });
});

test("switched off, nothing is adapted, and an index of the adapted model waits for its return", async () => {
  await draw(0, 70);
  await withIndex((index) => index.update());
  await withIndex(
    async (index) => expect(await index.update()).toMatchObject({ indexed: 70, model: { name: "tiny" } }),
    false,
  );
  await withIndex(async (index) =>
    expect(await index.update()).toMatchObject({ unchanged: 70, model: { name: "tiny+adapted" } }),
  );
});

test("the same files give the same model, bit for bit", async () => {
  await draw(0, 70);
  for (const location of ["one", "two"]) await withIndex((index) => index.update(), true, location);
  const [one, two] = ["one", "two"].map((location) => readFileSync(join(root, location, adaptedFiles(location)[0]!)));
  expect(one!.equals(two!)).toBe(true);
});

test("cancelled while adapting: nothing is left behind, and the next run adapts", async () => {
  await draw(0, 70);
  await withIndex(async (index) => {
    const abort = new AbortController();
    const onProgress = ({ phase, done }: IndexProgress) => {
      if (phase === "adapting" && done === 10) abort.abort();
    };
    await expect(index.update({ signal: abort.signal, onProgress })).rejects.toThrow(/abort/i);
    expect(adaptedFiles()).toEqual([]);
    expect((await index.update()).model.name).toBe("tiny+adapted");
  });
});

test("damaged files are passed over, pictures that are all the same leave the model as it is", async () => {
  await draw(0, 66);
  writeFileSync(join(folder, "broken.jpg"), "no image");
  await withIndex(async (index) => {
    const { model: used, skipped } = await index.update();
    expect(used.name).toBe("tiny+adapted");
    expect(skipped.map(({ path }) => path)).toEqual(["broken.jpg"]);
  });
  const same = readFileSync(join(folder, "0.png"));
  for (let i = 0; i < 66; i++) writeFileSync(join(folder, `${i}.png`), same);
  await withIndex(
    async (index) => expect(await index.update()).toMatchObject({ model: { name: "tiny" }, adaptation: "alike" }),
    true,
    "other",
  );
});

/** The same network with weights that are no numbers, as somebody else may put it there, with its checksum. */
function foreign(bytes: Buffer, file: string): Buffer {
  const network = fromBinary(ModelProtoSchema, Buffer.from(bytes));
  for (const { rawData } of network.graph!.initializer) if (rawData.length > 64) rawData.fill(0xff);
  const made = Buffer.from(toBinary(ModelProtoSchema, network));
  writeFileSync(file.replace(/\.onnx$/, ".sha256"), createHash("sha256").update(made).digest("hex"));
  return made;
}

test.each(["damaged", "flipped", "foreign"])(
  "an adapted model that is %s is put aside, and the next update makes the same",
  async (how) => {
    await draw(0, 70);
    await withIndex((index) => index.update());
    const file = join(root, "indexes", adaptedFiles()[0]!);
    const bytes = readFileSync(file);
    const flipped = Buffer.from(bytes);
    flipped[Math.floor(0.6 * bytes.length)]! ^= 1;
    writeFileSync(file, how === "damaged" ? "damaged" : how === "flipped" ? flipped : foreign(bytes, file));
    const fresh = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
    const warnings: string[] = [];
    const index = await FolderIndex.open(folder, fresh, model, {
      location: join(root, "indexes"),
      warn: (message) => void warnings.push(message),
    });
    expect((await index.status()).model.name).toBe("tiny");
    expect(warnings).toEqual([
      expect.stringMatching(/cannot be used.*put aside as .*\.damaged-\d+, and is made again/),
    ]);
    expect(await index.update()).toMatchObject({ model: { name: "tiny+adapted" }, unchanged: 70, indexed: 0 });
    expect(readFileSync(file).equals(bytes)).toBe(true);
    await index.close();
    await fresh.release();
  },
);

test("adapted anew, the old index serves until the new one is complete, and stays on disk after that", async () => {
  await draw(0, 70);
  await withIndex((index) => index.update());
  await draw(70, 100);
  await withIndex(async (index) => {
    await index.update();
    const before = await index.status();
    const query = { examples: [{ image: join(folder, "3.png"), sign: 1 as const }], k: 5 };
    const found = await index.similar(query);

    const abort = new AbortController();
    const onProgress = ({ phase, done }: IndexProgress) => {
      if (phase === "embedding" && done >= 20) abort.abort();
    };
    await expect(index.update({ rebuild: true, signal: abort.signal, onProgress })).rejects.toThrow(/abort/i);
    expect(await index.status()).toMatchObject({ indexed: 100, model: before.model });
    expect(await index.similar(query)).toEqual(found);
    expect(await index.update()).toMatchObject({ indexed: 0, unchanged: 100, model: before.model });

    await index.update({ rebuild: true });
    const after = await index.status();
    expect(after.indexed).toBe(100);
    expect(after.model.fingerprint).not.toBe(before.model.fingerprint);
    const { current, others } = await indexDetails(folder, model, { location: join(root, "indexes") });
    expect(current).toMatchObject({ rows: 100, model: "tiny+adapted" });
    expect(others.map(({ name }) => name.slice(0, 16))).toContain(before.model.fingerprint.slice(0, 16));
    expect(adaptedFiles()).toHaveLength(1);
  });
  // A new process finds the new one too.
  await withIndex(async (index) => expect(await index.update()).toMatchObject({ indexed: 0, unchanged: 100 }));
});
