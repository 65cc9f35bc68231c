/** Child process of the index bench: a second pass over 100,000 unchanged files; prints its figures as JSON. */
import { linkSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../src/core/index/openSqliteStore.ts";
import { updateStore } from "../../src/core/index/update.ts";
import { openEmbedder } from "../../src/core/runtime/index.ts";
import { tinyModel } from "../fixtures/tinyModel.ts";

const FILES = 100_000;
/** Some file systems allow no more than 65,000 links of one file. */
const PER_FOLDER = 25_000;

const root = mkdtempSync(join(tmpdir(), "lookalike-pass-"));
try {
  const folder = join(root, "images");
  const model = join(root, "tiny.onnx");
  writeFileSync(model, tinyModel("tiny"));
  const embedder = await openEmbedder(model, { device: "cpu" });
  const identity = { folder, fingerprint: embedder.summary.fingerprint, dim: embedder.dim };
  const store = openSqliteStore(join(root, "index.sqlite"), identity, console.error);
  for (let first = 0; first < FILES; first += PER_FOLDER) {
    const name = `folder ${first}`;
    mkdirSync(join(folder, name), { recursive: true });
    const source = join(root, `${first}.png`);
    writeFileSync(source, String(first));
    const paths = Array.from({ length: PER_FOLDER }, (_, i) => `${name}/image ${first + i}.png`);
    for (const path of paths) linkSync(source, join(folder, path));
    // Each link changes the change time of the file.
    const { mtimeMs, ctimeMs, size } = statSync(source);
    const records = [];
    for (const path of paths) {
      const image = { path, mtimeMs, ctimeMs, size, hash: new Uint8Array(32), width: 1, height: 1 };
      records.push({ image, embedding: new Float32Array(embedder.dim) });
    }
    await store.put(records);
  }
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 5);
  const start = performance.now();
  const observer = { stored: async () => {}, dropped: async () => {} };
  const { unchanged } = await updateStore(folder, store, embedder, observer, {});
  const seconds = (performance.now() - start) / 1000;
  clearInterval(timer);
  peak = Math.max(peak, process.memoryUsage().rss);
  if (unchanged !== FILES) throw new Error(`${unchanged} of ${FILES} files are unchanged.`);
  console.log(JSON.stringify({ files: FILES, filesPerSecond: FILES / seconds, growth: (peak - before) / 1e6 }));
  await store.close();
  await embedder.release();
} finally {
  rmSync(root, { recursive: true, force: true });
}
