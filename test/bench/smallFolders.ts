/**
 * `npm run bench -- small <folder>`: what an adaptation is worth in a folder of few images. Sub-folders of 24 and 40 images, four or
 * two of a class, are drawn from a folder with a folder per class, and each image queries all others: with the model as it is, and
 * with heads that are fitted to the sub-folder alone.
 */
import { basename, join, resolve } from "node:path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { ensureDefaultModel } from "../../scripts/buildModel.ts";
import { FIT_DEFAULTS, fitHead } from "../../src/core/adaptation/fitHead.ts";
import { dimFor, seedOf, VIEWS } from "../../src/core/adaptation/sample.ts";
import { decodeViews, findImages } from "../../src/core/images/index.ts";
import type { Head } from "../../src/core/model/index.ts";
import { type Embedder, openEmbedder } from "../../src/core/runtime/index.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { evaluateRetrieval } from "../fixtures/retrievalReference.ts";

const SIZES = [24, 40] as const;
const DRAWS = 4;
const OF_A_CLASS = [4, 2] as const;

/** Rows of one branch: of pictures, or of their views. */
type Rows = Map<string, { readonly picture: Float32Array[]; readonly views: Float32Array[][] }>;

const labelOf = (path: string) => path.split("/").slice(0, -1).join("/");

function draw(paths: readonly string[], count: number, each: number, seed: number): string[] {
  const random = xoroshiro128plus(seed);
  const shuffle = <T>(list: readonly T[]) => {
    const all = list.map((item) => ({ item, key: random.next() }));
    return all.sort((a, b) => a.key - b.key).map(({ item }) => item);
  };
  const byLabel = new Map<string, string[]>();
  for (const path of paths) byLabel.set(labelOf(path), [...(byLabel.get(labelOf(path)) ?? []), path]);
  const large = [...byLabel.values()].filter((own) => own.length >= each);
  return shuffle(large)
    .slice(0, count / each)
    .flatMap((own) => shuffle(own).slice(0, each));
}

/** Embeds a picture and its views once, per branch. */
async function embed(embedder: Embedder, folder: string, path: string, known: Rows): Promise<void> {
  if (known.has(path)) return;
  const { input, descriptors } = embedder.manifest;
  const pixels = await decodeViews(join(folder, path), input, VIEWS, xoroshiro128plus(seedOf(path)));
  const rows = await embedder.embed(Buffer.concat(pixels), pixels.length);
  let offset = 0;
  const split = descriptors.map(({ dim }) => {
    offset += dim;
    return pixels.map((_, i) => rows.slice(i * embedder.dim + offset - dim, i * embedder.dim + offset));
  });
  known.set(path, { picture: split.map(([first]) => first!), views: split.map(([, ...views]) => views) });
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}

/** Combined: the branches behind their heads, each of norm 1, over the square root of their number. */
function combined(branches: readonly Float32Array[], heads: readonly (Head | null)[]): Float32Array {
  return joined(
    branches.map((x, b) => {
      const head = heads[b];
      const y = head == null ? x.slice() : head.bias.slice();
      if (head != null) {
        for (let j = 0; j < x.length; j++) {
          for (let k = 0; k < head.dim; k++) y[k]! += x[j]! * head.weights[j * head.dim + k]!;
        }
      }
      const norm = Math.hypot(...y) * Math.sqrt(branches.length);
      return y.map((value) => value / norm);
    }),
  );
}

async function measure(embedder: Embedder, folder: string, paths: readonly string[], set: string): Promise<void> {
  const known: Rows = new Map();
  for (const each of OF_A_CLASS) {
    for (const size of SIZES) {
      const scores: Record<"raw" | "adapted", [recall: number, map: number][]> = { raw: [], adapted: [] };
      for (let seed = 1; seed <= DRAWS; seed++) {
        const drawn = draw(paths, size, each, seed);
        for (const path of drawn) await embed(embedder, folder, path, known);
        const rows = drawn.map((path) => known.get(path)!);
        const heads: (Head | null)[] = [];
        for (const [b, { dim }] of embedder.manifest.descriptors.entries()) {
          const pictures = joined(rows.map(({ picture }) => picture[b]!));
          const views = joined(rows.flatMap((row) => row.views[b]!));
          heads.push(await fitHead(pictures, views, dim, { ...FIT_DEFAULTS, dim: dimFor(size) }));
        }
        for (const kind of ["raw", "adapted"] as const) {
          const all = rows.map(({ picture }) => combined(picture, kind === "raw" ? [] : heads));
          const { recall, mapAtR } = evaluateRetrieval({
            embeddings: joined(all),
            dim: all[0]!.length,
            labels: drawn.map(labelOf),
          });
          scores[kind].push([100 * recall[1]!, 100 * mapAtR]);
        }
      }
      const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;
      const gains = scores.adapted.map(([recall], i) => recall - scores.raw[i]![0]);
      const error = Math.sqrt(mean(gains.map((x) => (x - mean(gains)) ** 2)) / (DRAWS - 1));
      const cells = Object.entries(scores).map(
        ([kind, list]) =>
          `${kind} ${mean(list.map(([r]) => r)).toFixed(1)} / ${mean(list.map(([, m]) => m)).toFixed(1)}`,
      );
      console.log(
        `${set.padEnd(18)} ${size} images, ${each} of a class: R@1 / MAP@R ${cells.join(", ")}; R@1 ${mean(gains).toFixed(1)} +- ${error.toFixed(1)} over ${DRAWS} draws`,
      );
    }
  }
}

if (import.meta.main) {
  const embedder = await openEmbedder(ensureDefaultModel(), { device: "cpu" });
  const emoji = await ensureEmoji({ classes: 300 });
  // Not those that the constants of the adaptation were chosen on.
  const others = [...new Set(emoji.images.map(({ label }) => label))].slice(150);
  await measure(
    embedder,
    emoji.folder,
    emoji.images.map(({ path }) => path).filter((path) => others.includes(labelOf(path))),
    "the other emoji",
  );
  for (const given of process.argv.slice(2)) {
    const folder = resolve(process.env["INIT_CWD"] ?? ".", given);
    await measure(
      embedder,
      folder,
      (await findImages(folder)).images.map(({ path }) => path),
      basename(folder),
    );
  }
  await embedder.release();
}
