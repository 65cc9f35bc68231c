/** What tells copies of a picture from look-alikes: combined scores and appearances of both, on emoji by several artists. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { ensureDefaultModel } from "../../scripts/buildModel.ts";
import { appearanceDistance, appearanceOf } from "../../src/core/images/index.ts";
import { EmbedderPool, FolderIndex, openEmbedder } from "../../src/core/index.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";

const COPIES: Readonly<Record<string, (picture: Sharp, side: number) => Sharp>> = {
  "half.png": (picture, side) => picture.resize(Math.max(32, side >> 1)).png(),
  "jpeg75.jpg": (picture) => picture.flatten({ background: "#fff" }).jpeg({ quality: 75 }),
  "jpeg50.jpg": (picture) => picture.flatten({ background: "#fff" }).jpeg({ quality: 50 }),
  "webp60.webp": (picture, side) => picture.resize(Math.round(side * 0.7)).webp({ quality: 60 }),
  "double.jpg": (picture, side) =>
    picture
      .flatten({ background: "#fff" })
      .resize(2 * side)
      .jpeg({ quality: 80 }),
};

const OTHERS: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
  "mirrored.png": (picture) => picture.flop().png(),
  "recoloured.png": (picture) => picture.modulate({ hue: 60 }).png(),
  "turned.png": (picture) => picture.rotate(90).png(),
};

interface Row {
  readonly what: string;
  readonly score: number;
  readonly bits: number;
  readonly colour: number;
}

async function measure(folder: string, location: string, adapt: boolean): Promise<Row[]> {
  const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
  const index = await FolderIndex.open(folder, pool, ensureDefaultModel(), { location, adapt });
  try {
    await index.update();
    const embeddings = new Map<string, Float32Array>();
    const source = index.source();
    for await (const { path, embedding } of source.embeddings()) embeddings.set(path, embedding.slice());
    const appearances = new Map(
      await Promise.all(
        [...embeddings.keys()].map(async (path) => [path, await appearanceOf(join(folder, path))] as const),
      ),
    );
    const branches = source.dims.length;
    const compare = (what: string, a: string, b: string): Row => {
      const [u, v] = [embeddings.get(a)!, embeddings.get(b)!];
      const score = u.reduce((sum, x, i) => sum + x * v[i]!, 0) / branches;
      return { what, score, ...appearanceDistance(appearances.get(a)!, appearances.get(b)!) };
    };
    const originals = [...embeddings.keys()].filter((path) => path.endsWith("/original.png"));
    const rows: Row[] = [];
    for (const original of originals) {
      for (const name of [...Object.keys(COPIES), ...Object.keys(OTHERS)]) {
        rows.push(compare(name, original, original.replace("original.png", name)));
      }
      const [emoji] = original.split("/");
      for (const other of originals) {
        if (other > original)
          rows.push(compare(other.startsWith(`${emoji}/`) ? "other artist" : "other emoji", original, other));
      }
    }
    return rows;
  } finally {
    await index.close();
    await pool.release();
  }
}

const quantile = (values: readonly number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.round(q * (values.length - 1))]!;

const scratch = mkdtempSync(join(tmpdir(), "lookalike-duplicates-"));
try {
  const { folder, images } = await ensureEmoji({ classes: Number(process.argv[2] ?? 30) });
  for (const { path } of images) {
    const place = join(scratch, "images", path.replace(/\.\w+$/, ""));
    mkdirSync(place, { recursive: true });
    const bytes = await sharp(join(folder, path)).png().toBuffer();
    const { width } = await sharp(bytes).metadata();
    await sharp(bytes).toFile(join(place, "original.png"));
    for (const [name, copy] of Object.entries(COPIES)) await copy(sharp(bytes), width).toFile(join(place, name));
    for (const [name, change] of Object.entries(OTHERS)) await change(sharp(bytes)).toFile(join(place, name));
  }
  for (const adapt of [false, true]) {
    const rows = await measure(join(scratch, "images"), join(scratch, adapt ? "adapted" : "plain"), adapt);
    console.log(`\n${adapt ? "adapted" : "as it is"}, ${images.length} originals`);
    console.log(
      "pairs   score: least 1%    50%    99%  most   bits: 50% 99% most least   colour: 50%  99%  most least  kind",
    );
    for (const what of new Set(rows.map((row) => row.what))) {
      const own = rows.filter((row) => row.what === what);
      const [scores, bits, colours] = [own.map((r) => r.score), own.map((r) => r.bits), own.map((r) => r.colour)];
      const score = [0, 0.01, 0.5, 0.99, 1].map((q) => quantile(scores, q).toFixed(3)).join("  ");
      const bit = [0.5, 0.99, 1, 0].map((q) => String(quantile(bits, q)).padStart(4)).join("");
      const colour = [0.5, 0.99, 1, 0].map((q) => quantile(colours, q).toFixed(1).padStart(6)).join("");
      console.log(`${String(own.length).padStart(5)}   ${score}   ${bit}   ${colour}  ${what}`);
    }
    const others = rows.filter(({ what }) => !(what in COPIES));
    const near = others.filter(({ bits, colour }) => bits <= 4 && colour <= 32).sort((a, b) => b.score - a.score);
    console.log("look-alikes that appear the same (bits <= 4, colour <= 32), by score:");
    for (const row of near.slice(0, 12)) {
      console.log(`  ${row.score.toFixed(3)}  ${row.bits} bits  colour ${row.colour.toFixed(1)}  ${row.what}`);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
