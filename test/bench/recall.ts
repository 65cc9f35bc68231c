/**
 * `npm run bench -- recall [folder ...]`: Recall@1 and MAP@R of the default model in both forms, raw, adapted, and adapted with the second
 * network where it joins, on folders with a folder per class; each image queries all others.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import {
  ensureDefaultInt8,
  ensureDefaultModel,
  ensureSecondInt8,
  ensureSecondModel,
} from "../../scripts/buildModel.ts";
import { adaptModel } from "../../src/core/adaptation/index.ts";
import { decodeForModel, findImages } from "../../src/core/images/index.ts";
import { readManifest } from "../../src/core/model/index.ts";
import { type Embedder, openEmbedder } from "../../src/core/runtime/index.ts";
import type { EmbeddingSource } from "../../src/core/search/index.ts";
import { type LabelChoice, weightsByLabels } from "../../src/core/weights/index.ts";
import { COMBINED } from "../../src/shared/index.ts";
import { colourHistogram, thumbnailDescriptor } from "../fixtures/baselines.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { evaluateRetrieval, type RetrievalScores } from "../fixtures/retrievalReference.ts";

export interface RecallRow {
  readonly set: string;
  readonly model: string;
  readonly column: string;
  readonly scores: RetrievalScores;
  /** Of combined: the weights that every second class chooses, and what the other classes gain. */
  readonly weights?: LabelChoice;
}

/** Rows of an embedder as an index would give them. */
function sourceOf(embedder: Embedder, paths: readonly string[], rows: readonly Float32Array[]): EmbeddingSource {
  return {
    model: embedder.summary,
    dims: embedder.manifest.descriptors.map(({ dim }) => dim),
    place: "",
    paths: async () => paths,
    async *embeddings() {
      for (const [i, path] of paths.entries()) yield { path, embedding: rows[i]! };
    },
  };
}

/** Scores of each column of a model on a folder whose subfolders are the classes. */
export async function scoreModel(embedder: Embedder, folder: string, set = basename(folder)): Promise<RecallRow[]> {
  const { images } = await findImages(folder);
  const labels = images.map(({ path }) => path.split("/").slice(0, -1).join("/"));
  const { descriptors, input } = embedder.manifest;
  const rows: Float32Array[] = [];
  for (const { path } of images) {
    const { pixels } = await decodeForModel(join(folder, path), input);
    rows.push(await embedder.embed(pixels, 1));
  }
  const { second = [] } = embedder.manifest;
  let offset = 0;
  const branches = descriptors.map(({ name, dim }) => {
    const embeddings = new Float32Array(rows.length * dim);
    for (const [i, row] of rows.entries()) embeddings.set(row.subarray(offset, offset + dim), i * dim);
    offset += dim;
    return { name, dim, embeddings };
  });
  const mixed = (weightOf: (name: string) => number) => {
    const total = descriptors.reduce((sum, { name }) => sum + weightOf(name), 0);
    const scales = descriptors.flatMap(({ name, dim }) =>
      new Array<number>(dim).fill(Math.sqrt(weightOf(name) / total)),
    );
    const embeddings = new Float32Array(rows.length * embedder.dim);
    for (const [i, row] of rows.entries())
      embeddings.set(
        row.map((x, j) => x * scales[j]!),
        i * embedder.dim,
      );
    return embeddings;
  };
  const combined = { name: COMBINED, dim: embedder.dim, embeddings: mixed(() => 1) };
  // As a second network that has joined counts: as much as the first.
  const each = (descriptors.length - second.length) / second.length;
  const both = { name: "gate", dim: embedder.dim, embeddings: mixed((name) => (second.includes(name) ? each : 1)) };
  const paths = images.map(({ path }) => path);
  const labelled = new Map(paths.map((path, i) => [path, [labels[i]!]]));
  const weights = await weightsByLabels(sourceOf(embedder, paths, rows), labelled);
  const columns = [...branches, combined, ...(second.length > 0 ? [both] : [])];
  return columns.map(({ name, dim, embeddings }) => ({
    set,
    model: embedder.summary.name,
    column: name,
    scores: evaluateRetrieval({ embeddings, dim, labels }),
    ...(name === COMBINED ? { weights } : {}),
  }));
}

/** @returns the scores of an adapted model, its bytes as `adaptModel` gives them; none where there is none */
async function scoreAdapted(
  bytes: Uint8Array | null,
  scratch: string,
  folder: string,
  set: string,
): Promise<RecallRow[]> {
  if (bytes === null) return [];
  const file = join(scratch, "adapted.onnx");
  writeFileSync(file, bytes);
  const adapted = await openEmbedder(file, { device: "cpu" });
  try {
    return await scoreModel(adapted, folder, set);
  } finally {
    await adapted.release();
  }
}

/**
 * Scores of the default model in both forms on each folder, as it is and adapted.
 * @param asked whether the second network is asked as well
 */
export async function recallTable(
  folders: readonly { folder: string; set: string }[],
  asked = false,
): Promise<RecallRow[]> {
  const scratch = mkdtempSync(join(tmpdir(), "lookalike-recall-"));
  const table: RecallRow[] = [];
  try {
    for (const { folder, set } of folders) {
      for (const [file, other] of [
        [ensureDefaultModel(), ensureSecondModel()],
        [await ensureDefaultInt8(), await ensureSecondInt8()],
      ] as const) {
        const raw = await openEmbedder(file, { device: "cpu" });
        table.push(...(await scoreModel(raw, folder, set)));
        const { images } = await findImages(folder);
        const bytes = readFileSync(file);
        table.push(...(await scoreAdapted(await adaptModel(folder, images, raw, bytes), scratch, folder, set)));
        if (asked) {
          const second = {
            embedder: await openEmbedder(other, { device: "cpu" }),
            bytes: readFileSync(other),
            file: other,
          };
          const joined = await adaptModel(folder, images, raw, bytes, { second });
          await second.embedder.release();
          if (joined !== null && readManifest(joined, other).second !== undefined) {
            table.push(...(await scoreAdapted(joined, scratch, folder, set)));
          } else console.log(`${set}, ${raw.summary.name}: the second network stays out`);
        }
        await raw.release();
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return table;
}

/** The same of two simple descriptors, which are no models. */
async function scoreBaselines(folder: string, set: string): Promise<RecallRow[]> {
  const { images } = await findImages(folder);
  const labels = images.map(({ path }) => path.split("/").slice(0, -1).join("/"));
  const rows: RecallRow[] = [];
  for (const [column, describe] of [
    ["thumbnail", thumbnailDescriptor],
    ["colours", colourHistogram],
  ] as const) {
    const all: Float32Array[] = [];
    for (const { path } of images) all.push(await describe(join(folder, path)));
    const dim = all[0]!.length;
    const embeddings = new Float32Array(all.length * dim);
    for (const [i, row] of all.entries()) embeddings.set(row, i * dim);
    rows.push({ set, model: "(none)", column, scores: evaluateRetrieval({ embeddings, dim, labels }) });
  }
  return rows;
}

export function printRecall(table: readonly RecallRow[]): void {
  const percent = (x: number) => (100 * x).toFixed(1).padStart(5);
  for (const { set, model, column, scores, weights } of table) {
    console.log(
      `${set.padEnd(20)} ${model.padEnd(28)} ${column.padEnd(9)} R@1 ${percent(scores.recall[1]!)}  MAP@R ${percent(scores.mapAtR)}  (${scores.queries} queries)`,
    );
    if (weights !== undefined) console.log(`${" ".repeat(20)} ${weightsText(weights)}`);
  }
}

function weightsText({ weights, reason, gain }: LabelChoice): string {
  const mix = Object.entries(weights).map(([name, weight]) => `${name} ${weight}`);
  const measured =
    gain === undefined
      ? ""
      : `, MAP@R ${(100 * gain.mean).toFixed(1)} +- ${(100 * gain.error).toFixed(1)} on ${gain.measuredOn} classes that did not choose`;
  return `weights by names: ${mix.join(", ")}${reason === undefined ? "" : ` (${reason})`}${measured}`;
}

if (import.meta.main) {
  // npm runs scripts in the project's folder; a relative path is meant from where the user typed it.
  const given = process.argv.slice(2).map((folder) => resolve(process.env["INIT_CWD"] ?? ".", folder));
  const folders =
    given.length > 0
      ? given.map((folder) => ({ folder, set: basename(folder) }))
      : [{ folder: (await ensureEmoji({ classes: 150 })).folder, set: "150 emoji" }];
  printRecall(await recallTable(folders, true));
  for (const { folder, set } of folders) printRecall(await scoreBaselines(folder, set));
}
