/** What the tests of the index share: an embedder without a model, an observer that follows the store. */
import { readdirSync } from "node:fs";
import { openSqliteStore } from "../../../src/core/index/openSqliteStore.ts";
import type { Store } from "../../../src/core/index/store.ts";
import { type UpdateOptions, updateStore } from "../../../src/core/index/update.ts";
import type { Embedder } from "../../../src/core/runtime/index.ts";
import type { IndexSummary } from "../../../src/shared/index.ts";

const SIDE = 4;
export const DIM = 4;

/** Counts what it embeds; the mean colour is the embedding. */
export class MeanColour implements Embedder {
  readonly file = "mean.onnx";
  readonly device = "cpu";
  readonly dim = DIM;
  readonly summary = { name: "mean", fingerprint: "abc", descriptors: ["spoc"] };
  readonly manifest = {
    format: 1,
    name: "mean",
    input: { width: SIDE, height: SIDE, resize: "squash", background: [255, 255, 255] },
    descriptors: [{ name: "spoc", dim: DIM }],
  } as unknown as Embedder["manifest"];
  readonly deviceReport = {
    asked: "cpu",
    used: "cpu",
    reason: null,
    tried: [],
    batch: 4,
  } as unknown as Embedder["deviceReport"];
  /** Images that were embedded so far. */
  count = 0;

  async embed(pixels: Uint8Array, count: number): Promise<Float32Array> {
    this.count += count;
    const rows = new Float32Array(count * DIM);
    const bytes = SIDE * SIDE * 3;
    for (let i = 0; i < count; i++) {
      const image = pixels.subarray(i * bytes, (i + 1) * bytes);
      for (const [p, value] of image.entries()) rows[i * DIM + (p % 3)]! += value / bytes;
      rows[i * DIM + 3] = image[0]! / 255;
    }
    return rows;
  }

  async release(): Promise<void> {}
}

export const openStore = (file: string): Store =>
  openSqliteStore(file, { folder: "/photos", fingerprint: "abc", dim: DIM }, () => {});

/** Updates a store, and holds that whoever follows its reports knows what it holds. */
export async function update(
  folder: string,
  store: Store,
  embedder: Embedder,
  options: UpdateOptions = {},
): Promise<IndexSummary> {
  const followed = await contents(store);
  const summary = await updateStore(
    folder,
    store,
    embedder,
    {
      async stored(images) {
        for (const { image, embedding } of images) followed.set(image.path, [...embedding].join());
      },
      async dropped(paths) {
        for (const path of paths) followed.delete(path);
      },
    },
    options,
  );
  const held = await contents(store);
  if (JSON.stringify(sorted(followed)) !== JSON.stringify(sorted(held))) throw new Error("the reports differ");
  return summary;
}

/** Path to embedding. */
export async function contents(store: Store): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for await (const { path, embedding } of store.embeddings()) all.set(path, [...embedding].join());
  return all;
}

/** Everything that a store says of the files, in path order. */
export async function dump(store: Store): Promise<unknown[]> {
  const embeddings = await contents(store);
  const images = [];
  for (const { path } of await store.images()) {
    const record = await store.find(path);
    images.push({ ...record, hash: Buffer.from(record!.hash).toString("hex"), embedding: embeddings.get(path) });
  }
  return [...images, ...(await store.skipped())].sort((a, b) => ((a.path ?? "") < (b.path ?? "") ? -1 : 1));
}

function sorted(map: Map<string, string>): [string, string][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true, encoding: "utf8" })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`);
}
