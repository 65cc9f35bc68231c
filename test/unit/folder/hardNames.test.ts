/** Names that are one file on some other system, and names as long as they can be: each image is itself wherever it goes. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { putAway, takeBack } from "../../../src/core/curation/index.ts";
import { writeFileAtomically } from "../../../src/core/files/index.ts";
import { EmbedderPool, exportVectors, FolderIndex, openEmbedder } from "../../../src/core/index.ts";
import { readImageLabels } from "../../../src/core/tables/index.ts";
import { like } from "../../fixtures/like.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

/** As long as a name can be: a folder called so has no room for anything behind it. */
const LONGEST = "写".repeat(85);
const ALIKE = [
  "caf\u00e9.png",
  "cafe\u0301.png",
  "A.png",
  "a.png",
  "a.PNG",
  "K\u212a.png",
  "KK.png",
  "sub/x.png",
  "Sub/x.png",
];
const ODD = [
  "aux.png",
  "CON.png",
  "nul/x.png",
  "a:b.png",
  "blank .png",
  " blank.png",
  "end ./x.png",
  "a\\b.png",
  "-x.png",
  "100%.png",
];
const skipped = process.platform === "linux" ? "" : " (skipped: this system may take two of them for one)";
const NAMES = [...ALIKE, ...ODD, `${"n".repeat(251)}.png`];

const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
let root: string;
let folder: string;
let index: FolderIndex;

const colour = (i: number) => ({ r: (i * 67) % 256, g: (i * 131) % 256, b: (i * 29) % 256 });

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-names-"));
  folder = join(root, LONGEST);
  mkdirSync(folder);
  writeFileSync(join(root, "model.onnx"), tinyModel("tiny", "SM"));
  if (skipped !== "") return;
  for (const [i, name] of NAMES.entries()) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    const picture = sharp({ create: { width: 9, height: 9, channels: 3, background: colour(i) } });
    await picture.png().toFile(join(folder, "..", "one.png"));
    writeFileSync(join(folder, name), readFileSync(join(folder, "..", "one.png")));
  }
  index = await FolderIndex.open(folder, pool, join(root, "model.onnx"), { location: join(root, "indexes") });
  await index.update();
});
afterAll(async () => {
  await index?.close();
  await pool.release();
  rmSync(root, { recursive: true, force: true });
});

test.skipIf(skipped !== "")(`each is indexed, found, shown and written as itself${skipped}`, async () => {
  expect((await index.status()).indexed).toBe(NAMES.length);
  for (const [i, name] of NAMES.entries()) {
    const found = await index.similar(like(join(folder, name), NAMES.length));
    expect(found.query).toBe(name);
    expect(found.results["combined"]!.map(({ path }) => path).sort()).toEqual(
      NAMES.filter((other) => other !== name).sort(),
    );
    const shown = await index.thumbnail(join(folder, name), 64);
    const { data } = await sharp(shown.bytes).raw().toBuffer({ resolveWithObject: true });
    for (const [channel, value] of Object.values(colour(i)).entries())
      expect(Math.abs(data[channel]! - value)).toBeLessThan(8);
  }
  await exportVectors(index, join(root, "vectors.npz"));
  const csv = join(root, "vectors.csv");
  await exportVectors(index, csv);
  const paths = readFileSync(csv, "utf8")
    .split("\n")
    .slice(1, -1)
    .map((line) => line.split(",")[0]!);
  expect(paths.sort()).toEqual([...NAMES].sort());
  expect(await index.update()).toMatchObject({ indexed: 0, updated: 0, removed: 0, unchanged: NAMES.length });
});

test.skipIf(skipped !== "")(`a row says something of the image of its very name alone${skipped}`, async () => {
  const table = join(root, "table.csv");
  writeFileSync(table, `path,kind\n${NAMES.map((name, i) => `"${name}",kind ${i}`).join("\n")}\n`);
  const { labels } = await readImageLabels(table, "kind", NAMES, folder);
  if (labels.kind !== "category") throw new Error(labels.kind);
  expect(NAMES.map((_, i) => labels.names[labels.codes[i]!])).toEqual(NAMES.map((_, i) => `kind ${i}`));
});

test.skipIf(skipped !== "")(`each is put away and comes back${skipped}`, async () => {
  const before = NAMES.map((name) => readFileSync(join(folder, name)));
  const away = await putAway(folder, NAMES);
  expect(away.left).toEqual([]);
  const back = await takeBack(folder);
  expect([...back.moved].sort()).toEqual([...NAMES].sort());
  expect(NAMES.map((name) => readFileSync(join(folder, name)))).toEqual(before);
});

test("a file whose name is as long as names can be is written whole", async () => {
  const place = mkdtempSync(join(root, "long-"));
  for (const name of ["n".repeat(255), LONGEST, `${"n".repeat(251)}.csv`]) {
    await writeFileAtomically(join(place, name), new Uint8Array(9));
    expect(readdirSync(place)).toEqual([name]);
    rmSync(join(place, name));
  }
});
