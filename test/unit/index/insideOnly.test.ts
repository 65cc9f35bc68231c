import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isInside } from "../../../src/core/index/insideOnly.ts";
import { type FolderIndex, indexDetails } from "../../../src/core/index.ts";
import { drawNoise } from "../../fixtures/drawNoise.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";
import { withIndex } from "../../fixtures/withIndex.ts";

const root = mkdtempSync(join(tmpdir(), "lookalike-inside-"));
const folder = join(root, "images");
const model = join(root, "tiny.onnx");
const location = join(root, "indexes");
/** Longer than any file's: whatever looks at it letter by letter takes its time. */
const ENDLESS = "x/".repeat(3_000_000);
const OUTSIDE = ["../secret.png", "a/../../secret.png", join(root, "secret.png"), "..", ENDLESS, Buffer.from("a.png")];

beforeAll(async () => {
  mkdirSync(folder);
  for (const name of ["a.png", "b.png", "c..d/e..png"]) await drawNoise(join(folder, name), name.length);
  await drawNoise(join(root, "secret.png"), 1);
  writeFileSync(model, tinyModel("tiny", "SM"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const opened = <T>(work: (index: FolderIndex) => Promise<T>, memory?: number, warn?: (message: string) => void) =>
  withIndex(folder, model, { location, adapt: false, memory, ...(warn === undefined ? {} : { warn }) }, work);

/** Puts paths beside those of the index, with the embedding of one of its images: the best answer to any query. */
function plant(place: string): void {
  const database = new Database(place);
  for (const path of OUTSIDE) {
    const { lastInsertRowid } = database
      .prepare(
        "insert into image (path, mtime_ms, size, hash, width, height) select ?, mtime_ms, size, hash, width, height from image where path = 'a.png'",
      )
      .run(path);
    database
      .prepare(
        "insert into embedding (image_id, branches, crc) select ?, branches, crc from embedding join image on id = image_id where path = 'a.png'",
      )
      .run(lastInsertRowid);
    database
      .prepare("insert or replace into skipped (path, mtime_ms, size, reason) values (?, 1, 1, 'x')")
      .run(`../of ${path}`);
  }
  database.close();
}

test("paths of an index that lead out of its folder are never found, shown or listed, and an update takes them out", async () => {
  const query = { examples: [{ image: join(folder, "a.png"), sign: 1 as const }], k: 20 };
  const { place, right } = await opened(async (index) => {
    await index.update();
    return { place: index.source().place, right: (await index.similar(query)).results };
  });
  for (const memory of [undefined, 0]) {
    plant(place);
    const told: string[] = [];
    const { skipped } = await indexDetails(folder, model, { location });
    expect(skipped).toEqual([]);
    await opened(
      async (index) => {
        expect((await index.similar(query)).results).toEqual(right);
        const snapshot = await index.snapshot();
        expect(snapshot.paths).toEqual(["a.png", "b.png", "c..d/e..png"]);
        let rows = 0;
        for await (const _ of snapshot.rows()) rows++;
        expect(rows).toBe(3);
        await snapshot.close();
        const paths: string[] = [];
        for await (const { path } of index.source().embeddings()) paths.push(path);
        expect(paths.sort()).toEqual(["a.png", "b.png", "c..d/e..png"]);
        await index.update();
        expect((await index.similar(query)).results).toEqual(right);
      },
      memory,
      (message) => told.push(message),
    );
    expect(told.join("\n")).toMatch(/6 paths that lead out of its folder or cannot be one, such as "/);
    expect(told.join("\n").length).toBeLessThan(2000);
    const database = new Database(place, { readonly: true });
    expect(database.prepare("select path from image order by path").pluck().all()).toEqual([
      "a.png",
      "b.png",
      "c..d/e..png",
    ]);
    database.close();
  }
});

test.each<[string, boolean]>([
  ["a/b.png", true],
  ["..a/b..png", true],
  ["a/...", true],
  ["/a.png", false],
  ["..", false],
  ["../a.png", false],
  ["a/..", false],
  ["a/../b.png", false],
  ["a\0.png", false],
])("%j is inside: %s", (path, is) => expect(isInside(path)).toBe(is));

test("a path that is longer than any file's is none", () => {
  expect(isInside(`${"a".repeat(32_763)}.png`)).toBe(true);
  expect(isInside(ENDLESS)).toBe(false);
});
