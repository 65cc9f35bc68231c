/** Child process of the store's tests: writes images one by one and tells of each after the store acknowledged it. */
import { openSqliteStore } from "../../../src/core/index/openSqliteStore.ts";

const [, , file] = process.argv;
const store = openSqliteStore(file!, { folder: "/photos", fingerprint: "abc", dim: 4 }, console.error);
for (let n = 1; n <= 100_000; n++) {
  const image = { path: `${n}.png`, mtimeMs: n, ctimeMs: n, size: 1, hash: new Uint8Array(32), width: 1, height: 1 };
  await store.put([{ image, embedding: new Float32Array(4).fill(0.5) }]);
  process.send!(n);
}
