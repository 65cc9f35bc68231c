import { copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { EmbedderPool, FolderIndex, findDuplicates, openEmbedder, QueryError } from "../../../src/core/index.ts";
import type { DuplicatesResult, QueryProgress } from "../../../src/shared/index.ts";
import { ALIKE_KINDS } from "../../fixtures/alikeKinds.ts";
import { ensureEmoji } from "../../fixtures/emoji.ts";

const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
let root: string;
let folder: string;
let index: FolderIndex;
/** The original, then its copies. */
const expected = new Map<string, string[]>();
const at = (path: string) => join(folder, path);

/** Drawings of a few emoji by several artists; of every fourth one copies, of the others changed forms. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-duplicates-"));
  folder = join(root, "images");
  const emoji = await ensureEmoji({ classes: 5 });
  for (const [i, { path }] of emoji.images.entries()) {
    const name = path.replace("/", "-").replace(/\.\w+$/, "");
    const bytes = await sharp(join(emoji.folder, path)).resize(120, 120).png().toBuffer();
    mkdirSync(at(name), { recursive: true });
    writeFileSync(at(`${name}/original.png`), bytes);
    if (i % 4 === 0) {
      copyFileSync(at(`${name}/original.png`), at(`${name}/copy.png`));
      await sharp(bytes)
        .resize(80)
        .png()
        .toFile(at(`${name}/small.png`));
      await sharp(bytes)
        .flatten({ background: "#fff" })
        .jpeg({ quality: 60 })
        .toFile(at(`${name}/recompressed.jpg`));
      await sharp(bytes)
        .resize(96)
        .webp({ quality: 70 })
        .toFile(at(`${name}/other.webp`));
      expected.set(`${name}/copy.png`, ["copy.png", "original.png", "other.webp", "recompressed.jpg", "small.png"]);
    } else if (i % 4 === 1) {
      await sharp(bytes)
        .flop()
        .png()
        .toFile(at(`${name}/mirrored.png`));
    } else if (i % 4 === 2) {
      await sharp(bytes)
        .modulate({ hue: 120 })
        .png()
        .toFile(at(`${name}/recoloured.png`));
    }
  }
  index = await FolderIndex.open(folder, pool, ensureDefaultModel(), {
    location: join(root, "indexes"),
    adapt: false,
  });
  await index.update();
}, 180_000);
afterAll(async () => {
  await index.close();
  await pool.release();
  rmSync(root, { recursive: true, force: true });
});

/** Whether a changed form of a picture is the picture itself: a symmetric one mirrored, a grey one in another hue. */
async function isUnchanged(changed: string): Promise<boolean> {
  const pixels = (path: string) => sharp(at(path)).flatten({ background: "#fff" }).resize(64, 64).raw().toBuffer();
  const [a, b] = [await pixels(changed), await pixels(changed.replace(/[^/]+$/, "original.png"))];
  return a.every((value, i) => Math.abs(value - b[i]!) < 40);
}

test("copies of other sizes and formats are grouped; other artists, mirrored and recoloured forms are not", async () => {
  const steps: QueryProgress[] = [];
  const { images, threshold, groups, perhaps, skipped } = await findDuplicates(folder, index.source(), {
    onProgress: (step) => steps.push(step),
  });
  expect(images).toBe((await index.status()).indexed);
  expect(threshold).toBe(0.5);
  expect(skipped).toEqual([]);
  const found = new Map(groups.map((group) => [group.images[0]!.path, group.images.map(({ path }) => path)]));
  for (const [first, names] of expected) {
    const folderName = first.slice(0, first.indexOf("/"));
    // A copy of 96 pixels may be too coarse to be sure of.
    const unsure = perhaps.filter((each) => each.images[0]!.path === first).flatMap((each) => each.images.slice(1));
    const paths = [...found.get(first)!, ...unsure.map(({ path }) => path)];
    expect(paths.toSorted(), first).toEqual(names.map((name) => `${folderName}/${name}`));
    found.delete(first);
  }
  const certain = groups.reduce((sum, group) => sum + group.images.length, 0);
  expect(perhaps.flatMap((group) => group.images.slice(1)).length).toBeLessThan(certain / 10);
  for (const paths of found.values()) {
    expect(paths).toHaveLength(2);
    expect(await isUnchanged(paths.find((path) => !path.endsWith("original.png"))!), paths.join()).toBe(true);
  }
  expect(steps.map(({ step }) => step)).toEqual(steps.map(({ step }) => step).toSorted(byOrder));
  expect(steps.at(-1)).toEqual({ step: "checking", done: 1 });

  const [group] = groups.filter(({ images: [first] }) => first!.path.endsWith("/copy.png"));
  // Most pixels first, then most bytes; the same bytes are told from copies.
  expect(group!.images.slice(0, 2)).toMatchObject([
    { width: 120, height: 120, score: 1, identical: true },
    { width: 120, height: 120, score: 1, identical: true },
  ]);
  for (const { score, identical, width } of group!.images.slice(2)) {
    expect(identical).toBe(false);
    expect(score).toBeGreaterThan(0.8);
    expect(score).toBeLessThan(1);
    expect(width).toBeLessThanOrEqual(120);
  }
});

const ORDER = ["reading", "comparing", "checking"];
const byOrder = (a: string, b: string) => ORDER.indexOf(a) - ORDER.indexOf(b);

test("with a threshold of 1 the same bytes are still grouped", async () => {
  const { groups } = await findDuplicates(folder, index.source(), { threshold: 1 });
  const names = groups.map(({ images }) => images.map(({ path }) => path.replace(/^.*\//, "")));
  expect(names.filter((each) => each.join() === "copy.png,original.png").length).toBeGreaterThan(expected.size / 2);
  for (const [copy] of expected) {
    const group = groups.find(({ images }) => images.some(({ path }) => path === copy))!;
    expect(group.images.map(({ path }) => path)).toContain(copy.replace("copy.png", "original.png"));
  }
});

test("files that are gone or changed since are left out and told; thresholds that cannot be are refused", async () => {
  const [first, other] = [...expected.keys()];
  rmSync(at(first!));
  await sharp(at(other!))
    .negate({ alpha: false })
    .toBuffer()
    .then((bytes) => writeFileSync(at(other!), bytes));
  const { groups, skipped } = await findDuplicates(folder, index.source());
  expect(skipped.map(({ path }) => path)).toEqual([first, other].toSorted());
  expect(skipped[0]!.reason).toMatch(/gone, or changed since it was indexed/);
  const left = groups.find(({ images }) => images.some(({ path }) => path === first!.replace("copy", "original")))!;
  expect(left.images).toHaveLength(4);

  for (const threshold of [0, -1, 1.01, Number.NaN]) {
    await expect(findDuplicates(folder, index.source(), { threshold })).rejects.toThrow(QueryError);
  }
  await expect(findDuplicates(folder, index.source(), { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});

describe("files", () => {
  let place: string;
  let found: DuplicatesResult;
  const scene = (name: string) => sharp(Buffer.from(ALIKE_KINDS[name]!(1))).resize(240);

  beforeAll(async () => {
    place = join(root, "files");
    mkdirSync(join(place, ".cache"), { recursive: true });
    const png = await scene("numeral").png().toBuffer();
    writeFileSync(join(place, "b.png"), png);
    linkSync(join(place, "b.png"), join(place, "a hard link.png"));
    symlinkSync(join(place, "b.png"), join(place, "a symbolic link.png"));
    const board = await scene("board").png().toBuffer();
    // A profile makes this one the largest file; what is in the hidden folder has the most pixels.
    await sharp(board)
      .jpeg({ quality: 75 })
      .withIccProfile("cmyk")
      .toColourspace("cmyk")
      .toFile(join(place, "print.jpg"));
    await sharp(board).toColourspace("cmyk").tiff({ compression: "none" }).toFile(join(place, "colours unknown.tif"));
    await sharp(board).jpeg({ quality: 100 }).toFile(join(place, "fine.jpg"));
    await sharp(board).png().toFile(join(place, "lossless.png"));
    await sharp(board)
      .resize(300)
      .png()
      .toFile(join(place, ".cache", "large.png"));
    const own = await FolderIndex.open(place, pool, ensureDefaultModel(), {
      location: join(root, "indexes"),
      adapt: false,
    });
    await own.update();
    found = await findDuplicates(place, own.source());
    await own.close();
  });

  test("hard and symbolic links to a file are no copies of it, and are named", () => {
    const paths = found.groups.flatMap(({ images }) => images.map(({ path }) => path));
    expect(paths.filter((path) => path.endsWith("link.png") || path === "b.png")).toEqual([]);
    expect(found.links).toHaveLength(2);
    expect(found.links).toContainEqual(expect.objectContaining({ path: "a symbolic link.png" }));
    for (const { of } of found.links) expect(["a hard link.png", "b.png"]).toContain(of);
  });

  test("the file to keep has the most picture: nothing lost, not the bytes of a profile, and no hidden thumbnail", () => {
    expect(found.groups.map(({ images }) => images.map(({ path }) => path))).toEqual([
      ["lossless.png", "colours unknown.tif", "fine.jpg", "print.jpg", ".cache/large.png"],
    ]);
  });
});
