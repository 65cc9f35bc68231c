/**
 * Child process of the tests: brings an index up to date and tells of every path after the store acknowledged it.
 * Arguments: folder, index file, model file, `vacuum` or nothing.
 */
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { openSqliteStore } from "../../../src/core/index/openSqliteStore.ts";
import { lockRuns } from "../../../src/core/index/runLock.ts";
import { updateStore } from "../../../src/core/index/update.ts";
import { openEmbedder } from "../../../src/core/runtime/index.ts";

const [folder, file, model, chore] = process.argv.slice(2);
const embedder = await openEmbedder(model!, { device: "cpu" });
const { fingerprint } = embedder.summary;
const store = openSqliteStore(file!, { folder: folder!, fingerprint, dim: embedder.dim }, console.error);
// A chore is done beside the runs, so its process does not take turns with them.
const unlock = chore === undefined ? await lockRuns(dirname(file!), {}) : () => {};
const observer = {
  async stored(images: readonly { image: { path: string } }[]) {
    process.send?.({ stored: images.map(({ image }) => image.path) });
    if (chore !== "vacuum") return;
    const database = new Database(file!, { timeout: 10_000 });
    database.pragma("wal_checkpoint(TRUNCATE)");
    database.exec("vacuum");
    database.close();
  },
  async dropped() {},
};
process.send?.({ stored: [] });
const summary = await updateStore(folder!, store, embedder, observer, { rebuild: chore === "rebuild" });
await store.close();
unlock();
process.send?.({ summary });
process.disconnect?.();
