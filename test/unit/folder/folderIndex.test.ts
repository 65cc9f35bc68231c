import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { EmbedderPool, FolderIndex, openEmbedder } from "../../../src/core/index.ts";
import type { IndexProgress } from "../../../src/shared/index.ts";
import { like } from "../../fixtures/like.ts";

const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
let model: string;
let root: string;
let folder: string;
let location: string;

beforeAll(() => {
  model = ensureDefaultModel();
}, 120_000);
afterAll(() => pool.release());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-folder-"));
  folder = join(root, "images");
  location = join(root, "indexes");
  mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A round or square blot of a colour: two of a shape look more alike than two of a colour. */
async function draw(name: string, shape: "circle" | "square", colour: string, size = 120): Promise<string> {
  const blot =
    shape === "circle"
      ? `<circle cx="60" cy="60" r="40" fill="${colour}"/>`
      : `<path d="M20 20h80v80h-80z M45 45v30h30v-30z" fill="${colour}"/>`;
  const file = join(folder, name);
  mkdirSync(join(file, ".."), { recursive: true });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120" width="${size}" height="${size}"><rect width="120" height="120" fill="#eee"/>${blot}</svg>`;
  await sharp(Buffer.from(svg)).png().toFile(file);
  return file;
}

async function withIndex<T>(work: (index: FolderIndex) => Promise<T>): Promise<T> {
  const index = await FolderIndex.open(folder, pool, model, { location });
  try {
    return await work(index);
  } finally {
    await index.close();
  }
}

test("indexes, finds the image of the same shape first, and does nothing the second time", async () => {
  const query = await draw("a/circle red.png", "circle", "#c33");
  await draw("a/circle dark.png", "circle", "#a22");
  await draw("b/square #1.png", "square", "#c33");
  await withIndex(async (index) => {
    const first = await index.update();
    expect(first).toMatchObject({ indexed: 3, updated: 0, removed: 0, unchanged: 0, skipped: [], device: "cpu" });
    expect(first.imagesPerSecond).toBeGreaterThan(0);
    const result = await index.similar(like(query, 10));
    expect(result.query).toBe("a/circle red.png");
    expect(Object.keys(result.results)).toEqual(["spoc", "mac", "gem", "combined"]);
    for (const list of Object.values(result.results)) {
      expect(list.map((item) => item.path)).toEqual(["a/circle dark.png", "b/square #1.png"]);
    }
    for (const scores of Object.values(result.scores)) {
      const mean = (scores["spoc"]! + scores["mac"]! + scores["gem"]!) / 3;
      expect(scores["combined"]).toBeCloseTo(mean, 5);
    }
    expect(await index.update()).toMatchObject({ indexed: 0, unchanged: 3, imagesPerSecond: 0 });
  });
});

test("a query from outside finds its own copy with score 1, embedded on the fly", async () => {
  const inside = await draw("circle.png", "circle", "#c33");
  await draw("square.png", "square", "#363");
  const outside = join(root, "copy.png");
  copyFileSync(inside, outside);
  await withIndex(async (index) => {
    await index.update();
    const result = await index.similar(like(outside, 2));
    expect(result.query).toBe(outside);
    expect(result.results["combined"]![0]!.path).toBe("circle.png");
    expect(result.results["combined"]![0]!.score).toBeCloseTo(1, 3);
  });
});

test("follows the files: added, changed, renamed, deleted", async () => {
  await draw("keep.png", "circle", "#c33");
  const changed = await draw("change.png", "circle", "#c33");
  const renamed = await draw("old name.png", "square", "#363");
  const deleted = await draw("delete.png", "square", "#336");
  await withIndex((index) => index.update());

  await draw("change.png", "square", "#111", 200);
  utimesSync(changed, new Date(), new Date(Date.now() + 5000));
  renameSync(renamed, join(folder, "new name.png"));
  rmSync(deleted);
  await withIndex(async (index) => {
    expect(await index.update()).toMatchObject({ indexed: 1, updated: 1, removed: 2, unchanged: 1 });
    const { results } = await index.similar(like(join(folder, "keep.png"), 10));
    expect(results["combined"]!.map((item) => item.path).sort()).toEqual(["change.png", "new name.png"]);
  });
});

test("names what it skips, remembers it, and takes it in once it is mended", async () => {
  const good = await draw("good.png", "circle", "#c33");
  writeFileSync(join(folder, "empty.png"), "");
  writeFileSync(join(folder, "text.jpg"), "not an image");
  await withIndex(async (index) => {
    const expected = [
      { path: "empty.png", reason: "the file is empty" },
      { path: "text.jpg", reason: "not an image, or of a format that is not supported" },
    ];
    expect(await index.update()).toMatchObject({ indexed: 1, skipped: expected });
    expect(await index.update()).toMatchObject({ indexed: 0, unchanged: 1, skipped: expected });
    copyFileSync(good, join(folder, "text.jpg"));
    expect(await index.update()).toMatchObject({ indexed: 1, removed: 0, skipped: expected.slice(0, 1) });
    writeFileSync(good, "broken now");
    expect(await index.update()).toMatchObject({ indexed: 0, removed: 1, unchanged: 1 });
    expect((await index.status()).skipped).toBe(2);
  });
});

test("a cancelled run keeps what was done, and the next one goes on from there", async () => {
  for (let i = 0; i < 30; i++) await draw(`${i}.png`, "circle", `rgb(${i * 8},80,80)`);
  await withIndex(async (index) => {
    const abort = new AbortController();
    const onProgress = ({ phase, done }: IndexProgress) => {
      if (phase === "embedding" && done >= 8) abort.abort();
    };
    await expect(index.update({ signal: abort.signal, onProgress })).rejects.toThrow();
    const kept = (await index.status()).indexed;
    expect(kept).toBeGreaterThanOrEqual(8);
    expect(kept).toBeLessThan(30);
    expect(await index.update()).toMatchObject({ indexed: 30 - kept, unchanged: kept });
  });
});

test("results are there while indexing goes on", async () => {
  for (let i = 0; i < 24; i++) await draw(`${i}.png`, "circle", `rgb(${i * 8},80,80)`);
  await withIndex(async (index) => {
    const during: number[] = [];
    let asked: Promise<unknown> = Promise.resolve();
    await index.update({
      onProgress: ({ phase, done }) => {
        if (phase !== "embedding" || done !== 8) return;
        asked = index
          .similar(like(join(folder, "0.png"), 50))
          .then(({ results }) => during.push(results["combined"]!.length));
      },
    });
    await asked;
    expect(during[0]).toBeGreaterThanOrEqual(7);
    expect(during[0]).toBeLessThan(23);
  });
});

test("rebuild embeds everything again", async () => {
  await draw("a.png", "circle", "#c33");
  await withIndex(async (index) => {
    await index.update();
    expect(await index.update({ rebuild: true })).toMatchObject({ indexed: 1, unchanged: 0, removed: 0 });
    expect((await index.status()).indexed).toBe(1);
  });
});

test("two indexes of the same folder see each other's changes", async () => {
  await draw("a.png", "circle", "#c33");
  await withIndex((one) =>
    withIndex(async (two) => {
      expect((await two.status()).indexed).toBe(0);
      await one.update();
      expect((await two.status()).indexed).toBe(1);
    }),
  );
});

test("an empty folder is an empty index; a folder that is not there is an error that names it", async () => {
  await withIndex(async (index) => {
    expect(await index.update()).toMatchObject({ indexed: 0, skipped: [] });
    expect((await index.status()).indexed).toBe(0);
  });
  await expect(FolderIndex.open(join(root, "nowhere"), pool, model, { location })).rejects.toThrow(
    /nowhere is not a folder/,
  );
});

test("a query that cannot be decoded is an error that names the file", async () => {
  await draw("a.png", "circle", "#c33");
  const broken = join(folder, "broken.jpg");
  writeFileSync(broken, "no");
  await withIndex(async (index) => {
    await index.update();
    await expect(index.similar(like(broken, 5))).rejects.toThrow(/broken\.jpg: not an image/);
  });
});

test("thumbnails keep the aspect ratio and come from the cache the second time", async () => {
  await sharp({ create: { width: 400, height: 100, channels: 3, background: "#c33" } })
    .png()
    .toFile(join(folder, "wide.png"));
  await withIndex(async (index) => {
    await index.update();
    const file = join(folder, "wide.png");
    const first = await index.thumbnail(file, 128);
    expect(first).toMatchObject({ width: 400, height: 100 });
    expect(await sharp(first.bytes).metadata()).toMatchObject({ format: "webp", width: 128, height: 32 });
    expect(Buffer.from((await index.thumbnail(file, 128)).bytes).equals(first.bytes)).toBe(true);
  });
});

test("a folder reached through a link has the same index", async () => {
  await draw("a.png", "circle", "#c33");
  await withIndex((index) => index.update());
  const link = join(root, "link");
  symlinkSync(folder, link);
  const index = await FolderIndex.open(link, pool, model, { location });
  expect((await index.status()).indexed).toBe(1);
  expect(index.relativePath(join(folder, "a.png"))).toBe("a.png");
  await index.close();
});
