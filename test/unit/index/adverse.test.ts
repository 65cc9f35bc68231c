import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BufferPool, readImage } from "../../../src/core/images/index.ts";
import { lookInto } from "../../../src/core/index/look.ts";
import { lockRuns } from "../../../src/core/index/runLock.ts";
import { EmbedderPool, FolderIndex, openEmbedder } from "../../../src/core/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";
import { contents, DIM, MeanColour, openStore, update } from "./support.ts";

let root: string;
let folder: string;
let file: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-adverse-"));
  folder = join(root, "images");
  file = join(root, "index", "abc.sqlite");
  mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function draw(count: number, from = 0): Promise<void> {
  for (let i = from; i < from + count; i++) {
    const background = { r: i % 256, g: (i * 7) % 256, b: (i * 31) % 256 };
    await sharp({ create: { width: 6, height: 4, channels: 3, background } })
      .png()
      .toFile(join(folder, `${String(i).padStart(4, "0")}.png`));
  }
}

test("a folder that is deleted while it is indexed: the rest goes on, the next update forgets it", async () => {
  mkdirSync(join(folder, "z"));
  await draw(30);
  for (let i = 0; i < 20; i++) copyFileSync(join(folder, `00${10 + i}.png`), join(folder, "z", `${i}.png`));
  const store = openStore(file);
  const options = {
    onProgress: ({ done }: { done: number }) => {
      if (done > 0) rmSync(join(folder, "z"), { recursive: true, force: true });
    },
  };
  const summary = await update(folder, store, new MeanColour(), options);
  expect(summary.skipped).toEqual([]);
  await update(folder, store, new MeanColour());
  expect((await store.images()).length).toBe(30);
  rmSync(folder, { recursive: true });
  await expect(update(folder, store, new MeanColour())).rejects.toThrow(/ENOENT/);
  expect((await store.images()).length).toBe(30);
  await store.close();
});

test("a file that changes between listing and reading is kept with the state that was read", async () => {
  await draw(2);
  const store = openStore(file);
  const path = "0000.png";
  const found = { path, size: 3, mtimeMs: 4, ctimeMs: 4 };
  const looked = await lookInto(folder, found, new MeanColour().manifest.input, store, {
    reuse: true,
    wholeOnly: false,
    buffers: new BufferPool(1),
  });
  const { mtimeMs, size } = statSync(join(folder, path));
  expect(looked).toMatchObject({ state: { path, mtimeMs, size } });
  await store.close();
});

test("a file that grows while it is read is not taken for an image, and is looked at again", async () => {
  const growing = join(folder, "grows.png");
  writeFileSync(growing, Buffer.alloc(1 << 20));
  let stop = false;
  const writer = (async () => {
    while (!stop) {
      appendFileSync(growing, "x");
      await new Promise((done) => setImmediate(done));
    }
  })();
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => readImage(growing)));
  stop = true;
  await writer;
  for (const result of results) {
    if (result.status === "fulfilled") expect(result.value.bytes.length).toBe(result.value.size);
    else expect(result.reason).toMatchObject({ retry: true, message: expect.stringContaining("changes while") });
  }
  expect(results.some(({ status }) => status === "rejected")).toBe(true);
});

/** The tables as the first version made them. */
const VERSION_1 = `
  create table meta (key text primary key, value text not null) without rowid;
  create table image (id integer primary key, path text not null unique, mtime_ms real not null, size integer not null,
    hash blob not null, width integer not null, height integer not null);
  create table embedding (image_id integer primary key references image (id) on delete cascade, branches blob not null);
  create table skipped (path text primary key, mtime_ms real not null, size integer not null, reason text not null) without rowid;
  insert into meta values ('folder', '/photos'), ('fingerprint', 'abc'), ('dim', '${DIM}');
  insert into image values (7, 'a.png', 1.5, 10, x'${"09".repeat(32)}', 3, 2);
  insert into embedding values (7, x'003c000000380000');
  insert into skipped values ('b.png', 1, 2, 'damaged');
  insert into skipped values ('c.png', 1, 2, 'damaged: it ended the decoder (SIGSEGV); it is tried again once it changes');
  pragma user_version = 1;
`;

function writeVersion1(): void {
  mkdirSync(join(root, "index"));
  const database = new Database(file);
  database.exec(VERSION_1);
  database.close();
}

test("an index of the first version is brought up to date, with all that it holds, once by several at a time", async () => {
  writeVersion1();
  const script = `
    import { openSqliteStore } from ${JSON.stringify(join(import.meta.dirname, "../../../src/core/index/openSqliteStore.ts"))};
    const store = openSqliteStore(${JSON.stringify(file)}, { folder: "/photos", fingerprint: "abc", dim: ${DIM} }, () => {});
    console.log((await store.images()).length);
    await store.close();`;
  const outs = await Promise.all(
    [1, 2, 3].map(
      () =>
        new Promise<string>((resolve, reject) => {
          const { execFile } = process.getBuiltinModule("node:child_process");
          execFile(process.execPath, ["--input-type=module", "-e", script], (error, out) =>
            error === null ? resolve(out) : reject(error),
          );
        }),
    ),
  );
  expect(outs).toEqual(["1\n", "1\n", "1\n"]);
  const store = openStore(file);
  expect(await store.health()).toEqual({
    rows: 1,
    images: 1,
    duplicates: 0,
    orphans: 0,
    schemaVersion: 4,
    integrity: "ok",
  });
  expect([...(await contents(store))]).toEqual([["a.png", "1,0,0.5,0"]]);
  expect(await store.content(new Uint8Array(32).fill(9))).toMatchObject({ width: 3, height: 2 });
  // More can be read by now; what ended a process is left alone.
  expect((await store.skipped()).map(({ path }) => path)).toEqual(["c.png"]);
  await store.close();
});

test("an index of a newer version is refused and left as it is, byte for byte", () => {
  writeVersion1();
  const database = new Database(file);
  database.pragma("user_version = 99");
  database.close();
  const before = readFileSync(file);
  expect(() => openStore(file)).toThrow(/made by a newer version of Lookalike \(format 99.*left as it is/);
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(readdirSync(join(root, "index"))).toEqual(["abc.sqlite"]);
});

test("an index that turns out to be broken while it is used is put aside, and the folder is indexed again", async () => {
  await draw(300);
  const model = join(root, "tiny.onnx");
  writeFileSync(model, tinyModel("tiny"));
  const pool = new EmbedderPool((path) => openEmbedder(path, { device: "cpu" }));
  const warnings: string[] = [];
  const open = () =>
    FolderIndex.open(folder, pool, model, {
      location: join(root, "indexes"),
      adapt: false,
      warn: (message) => void warnings.push(message),
    });
  let index = await open();
  await index.update();
  const { location } = await index.status();
  await index.close();
  // All but the first page, so that opening it finds nothing wrong.
  const handle = openSync(location, "r+");
  for (let at = 16384; at < statSync(location).size; at += 16384)
    writeSync(handle, Buffer.alloc(16384, 0xa5), 0, 16384, at);
  closeSync(handle);
  index = await open();
  expect(await index.update()).toMatchObject({ indexed: 300, skipped: [] });
  expect((await index.status()).indexed).toBe(300);
  expect(warnings.join()).toContain("was damaged");
  expect(readdirSync(join(location, "..")).some((name) => name.includes(".damaged-"))).toBe(true);
  await index.close();
  await pool.release();
});

test("two runs on one folder take turns; a lock ends with its holder", async () => {
  const place = join(root, "index");
  const unlock = await lockRuns(place, {});
  let waited = 0;
  const second = lockRuns(place, { onWait: () => void waited++ });
  const abort = new AbortController();
  const third = lockRuns(place, { signal: abort.signal });
  abort.abort();
  await expect(third).rejects.toThrow(/abort/i);
  await new Promise((done) => setTimeout(done, 50));
  expect(waited).toBeGreaterThan(0);
  unlock();
  (await second)();
});

test("a file that a dead process held is tried in a process of its own, and only what ends that one is skipped", async () => {
  await draw(3);
  const store = openStore(file);
  await store.attempt(["0000.png", "0001.png", "long gone.png"]);
  expect(await update(folder, store, new MeanColour())).toMatchObject({ indexed: 3, skipped: [] });
  expect(await store.heldAtDeath()).toEqual([]);

  const deadly = "0001.png";
  const preload = join(root, "deadly.cjs");
  writeFileSync(
    preload,
    `const deadly = require("node:fs").readFileSync(${JSON.stringify(join(folder, deadly))});
     process.on("message", ({ bytes }) => bytes && deadly.equals(bytes) && process.kill(process.pid, "SIGSEGV"));`,
  );
  const before = process.env["NODE_OPTIONS"];
  process.env["NODE_OPTIONS"] = `${before ?? ""} --require ${preload}`;
  try {
    await store.attempt(["0000.png", deadly, "0002.png"]);
    const { skipped, removed } = await update(folder, store, new MeanColour());
    expect(skipped).toEqual([{ path: deadly, reason: expect.stringContaining("ended the decoder (SIGSEGV)") }]);
    expect(removed).toBe(0);
  } finally {
    if (before === undefined) delete process.env["NODE_OPTIONS"];
    else process.env["NODE_OPTIONS"] = before;
  }
  expect((await store.images()).map(({ path }) => path).sort()).toEqual(["0000.png", "0002.png"]);
  // Another content under the same name is another file.
  copyFileSync(join(folder, "0000.png"), join(folder, deadly));
  expect(await update(folder, store, new MeanColour())).toMatchObject({ indexed: 1, reused: 1, skipped: [] });
  await store.close();
});
