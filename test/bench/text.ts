/**
 * What a query of words costs beside the bare work: one prompt, warm, against a pass of the text tower by onnxruntime and an exact
 * search over the same matrices, in turns. `npm run bench -- text [images]`; the tower has the shape of CLIP B/32's (12 layers of
 * 512, 77 tokens, a vocabulary of 49,408) and random weights. The figures go to out/bench/text.json too.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { indexFile } from "../../src/core/index/index.ts";
import { openSqliteStore } from "../../src/core/index/openSqliteStore.ts";
import { EmbedderPool, FolderIndex, importModel, openEmbedder } from "../../src/core/index.ts";
import { readModelFile } from "../../src/core/model/index.ts";
import { GraphBuilder } from "../../src/core/onnx/index.ts";
import { sessionOptions } from "../../src/core/runtime/index.ts";
import { ExactSearch, Gallery } from "../../src/core/search/index.ts";
import { TOKENIZER_CONFIG, tokenizerJson } from "../fixtures/twoTowers.ts";
import { milliseconds, times, writeFigures } from "./timing.ts";

const [DIM, LAYERS, HEADS, CONTEXT, VOCABULARY] = [512, 12, 8, 77, 49_408];
const SIDE = 16;
const ROUNDS = 30;
const K = 50;
const COUNT = Number(process.argv[2] ?? 10_000);

let state = 7;
function random(count: number, scale: number): Float32Array {
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
}

function textNetwork(): Uint8Array {
  const graph = new GraphBuilder("text");
  const ids = graph.input("input_ids", "int64", [1, CONTEXT]);
  const matrix = (from: number, to: number) => graph.floats(random(from * to, from ** -0.5), [from, to]);
  const linear = (x: string, from: number, to: number) =>
    graph.op("Add", [graph.op("MatMul", [x, matrix(from, to)]), graph.floats(random(to, 0.1), [to])]);
  const norm = (x: string) =>
    graph.op("LayerNormalization", [
      x,
      graph.floats(new Float32Array(DIM).fill(1), [DIM]),
      graph.floats(random(DIM, 0.1), [DIM]),
    ]);
  const heads = (x: string, perm: number[]) =>
    graph.op("Transpose", [graph.op("Reshape", [x, graph.ints([1, CONTEXT, HEADS, DIM / HEADS])])], { perm });
  const causal = Float32Array.from({ length: CONTEXT ** 2 }, (_, i) => (i % CONTEXT > i / CONTEXT ? -1e9 : 0));
  const mask = graph.floats(causal, [1, 1, CONTEXT, CONTEXT]);
  let x = graph.op("Gather", [graph.floats(random(VOCABULARY * DIM, 0.3), [VOCABULARY, DIM]), ids], { axis: 0 });
  x = graph.op("Add", [x, graph.floats(random(CONTEXT * DIM, 0.3), [1, CONTEXT, DIM])]);
  for (let i = 0; i < LAYERS; i++) {
    const y = norm(x);
    const [q, k, v] = [0, 1, 2].map(() => linear(y, DIM, DIM)) as [string, string, string];
    const product = graph.op("MatMul", [heads(q, [0, 2, 1, 3]), heads(k, [0, 2, 3, 1])]);
    const scaled = graph.op("Mul", [product, graph.scalar((DIM / HEADS) ** -0.5)]);
    const attention = graph.op("Softmax", [graph.op("Add", [scaled, mask])], { axis: -1 });
    const seen = graph.op("Transpose", [graph.op("MatMul", [attention, heads(v, [0, 2, 1, 3])])], {
      perm: [0, 2, 1, 3],
    });
    const together = graph.op("Reshape", [seen, graph.ints([1, CONTEXT, DIM])]);
    x = graph.op("Add", [x, linear(together, DIM, DIM)]);
    const inner = linear(norm(x), DIM, 4 * DIM);
    const gate = graph.op("Sigmoid", [graph.op("Mul", [inner, graph.scalar(1.702)])]);
    x = graph.op("Add", [x, linear(graph.op("Mul", [inner, gate]), 4 * DIM, DIM)]);
  }
  const last = graph.op("Gather", [norm(x), graph.op("Squeeze", [graph.ints([CONTEXT - 1]), graph.ints([0])])], {
    axis: 1,
  });
  graph.op("MatMul", [last, matrix(DIM, DIM)], {}, "text_embeds");
  graph.output("text_embeds", "float32", [1, DIM]);
  return graph.encode();
}

function imageNetwork(): Uint8Array {
  const graph = new GraphBuilder("vision");
  const image = graph.input("pixel_values", "float32", ["N", 3, SIDE, SIDE]);
  const mean = graph.op("Flatten", [graph.op("GlobalAveragePool", [image])]);
  const kernel = graph.floats(random(DIM * 3 * 16, 0.3), [DIM, 3, 4, 4]);
  graph.op("Relu", [graph.op("Conv", [image, kernel], { kernel_shape: [4, 4], strides: [4, 4] })], {}, "map");
  const vector = graph.op("MatMul", [mean, graph.floats(random(3 * DIM, 1), [3, DIM])]);
  graph.op("Add", [vector, graph.floats(random(DIM, 1), [DIM])], {}, "image_embeds");
  graph.output("map", "float32", ["N", DIM, SIDE / 4, SIDE / 4]);
  graph.output("image_embeds", "float32", ["N", DIM]);
  return graph.encode();
}

const root = mkdtempSync(join(tmpdir(), "lookalike-text-"));
try {
  const at = (name: string) => join(root, name);
  const bare = textNetwork();
  writeFileSync(at("text_model.onnx"), bare);
  writeFileSync(at("vision_model.onnx"), imageNetwork());
  writeFileSync(at("tokenizer.json"), JSON.stringify(tokenizerJson()));
  writeFileSync(at("tokenizer_config.json"), JSON.stringify({ ...TOKENIZER_CONFIG, model_max_length: CONTEXT }));
  const out = at("model.onnx");
  const report = await importModel({ file: at("vision_model.onnx"), out, text: { file: at("text_model.onnx") } });
  const dims = report.manifest.descriptors.map(({ dim }) => dim);
  const { fingerprint } = await readModelFile(out);

  const folder = at("images");
  mkdirSync(folder);
  const width = dims.reduce((sum, dim) => sum + dim, 0);
  const place = indexFile(at("indexes"), folder, fingerprint);
  const store = openSqliteStore(place, { folder, fingerprint, dim: width }, console.error);
  const gallery = new Gallery(dims);
  for (let from = 0; from < COUNT; from += 1000) {
    const images = Array.from({ length: Math.min(1000, COUNT - from) }, (_, i) => {
      const embedding = random(width, 1);
      const hash = new Uint8Array(32);
      new DataView(hash.buffer).setUint32(0, from + i);
      const path = `image-${from + i}.jpg`;
      gallery.set(path, embedding);
      return { image: { path, mtimeMs: 1, ctimeMs: 1, size: 1, hash, width: 1, height: 1 }, embedding };
    });
    await store.put(images);
  }
  await store.close();

  const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
  const index = await FolderIndex.open(folder, pool, out, { location: at("indexes"), adapt: false });
  const session = await InferenceSession.create(bare, sessionOptions("cpu"));
  const search = await ExactSearch.create(dims.length);
  const ids = new Tensor("int64", new BigInt64Array(CONTEXT).fill(5n), [1, CONTEXT]);
  const query = gallery.branches(0);
  const [words, passes, searches, ratios]: number[][] = [[], [], [], []];
  for (let i = -5; i < ROUNDS; i++) {
    // Other words each time: those that were embedded before are remembered.
    const texts = [
      { text: `owl ${"fog ".repeat((i + 5) % 7)}${"sock ".repeat(Math.floor((i + 5) / 7))}`, sign: 1 as const },
    ];
    const own = await milliseconds(() => index.similar({ examples: [], texts, prompts: ["{}"], k: K }));
    const pass = await milliseconds(() => session.run({ input_ids: ids }));
    const exact = await milliseconds(() => search.run(query, gallery, K));
    if (i < 0) continue;
    words!.push(own);
    passes!.push(pass);
    searches!.push(exact);
    ratios!.push((own - exact) / pass);
  }
  const figures = {
    images: COUNT,
    words: times(words!),
    pass: times(passes!),
    search: times(searches!),
    ratio: times(ratios!).median,
  };
  console.log(
    `${COUNT} images x ${dims.length} branches of ${DIM}: words ${figures.words.median.toFixed(1)} ms, a pass of the tower ` +
      `${figures.pass.median.toFixed(1)}, an exact search ${figures.search.median.toFixed(1)}; without the search a query takes ` +
      `${figures.ratio.toFixed(2)} x the pass`,
  );
  writeFigures("text", figures);
  await index.close();
  await pool.release();
} finally {
  rmSync(root, { recursive: true, force: true });
}
