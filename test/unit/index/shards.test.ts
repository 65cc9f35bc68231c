/** Several processes, each with a part of a folder: every image once, as if one had done it all. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import Database from "better-sqlite3";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockRuns } from "../../../src/core/index/runLock.ts";
import { isInShard } from "../../../src/core/index/shard.ts";
import type { IndexSummary, SetupReport } from "../../../src/shared/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const IMAGES = 80;
let root: string;
let folder: string;
let model: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-shards-"));
  folder = join(root, "images");
  mkdirSync(folder);
  model = join(root, "tiny.onnx");
  writeFileSync(model, tinyModel("tiny", "SMG"));
  for (let i = 0; i < IMAGES; i++) {
    const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, (_, j) => (i * 37 + j * ((i % 7) + 1) + (j % 13) * i) % 256);
    await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } }).toFile(join(folder, `${i}.png`));
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Starts the command line. @returns the process, and what it printed once it has ended */
function start(indexes: string, ...args: string[]): { child: ChildProcess; ended: Promise<[string, string]> } {
  const place = ["--index", join(root, indexes), "--model", model, "--device", "cpu", "--json"];
  const child = fork(join(import.meta.dirname, "../../../src/cli/main.ts"), [...args, ...place], {
    execArgv: [],
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    env: { ...process.env, XDG_DATA_HOME: join(root, "data"), NODE_COMPILE_CACHE: join(root, "compiled") },
  });
  const ended = Promise.all([text(child.stdout!), once(child, "exit")]).then(
    ([printed, [code, signal]]): [string, string] => [printed, String(signal ?? code)],
  );
  return { child, ended };
}

const shard = (i: number) => start("parts", "index", folder, "--shard", `${i}/4`);

/** The adapted model's bytes, and every row. */
function made(indexes: string): unknown {
  const [place] = readdirSync(join(root, indexes));
  const at = join(root, indexes, place!);
  const [adapted] = readdirSync(at).filter((name) => name.endsWith(".onnx"));
  const largest = readdirSync(at)
    .filter((name) => /^[0-9a-f]{16}\.sqlite$/.test(name))
    .map((name) => {
      const database = new Database(join(at, name), { readonly: true });
      const rows = database
        .prepare(
          "select path, hex(hash) as hash, hex(branches) as branches from image join embedding on id = image_id order by path",
        )
        .all();
      database.close();
      return rows;
    })
    .sort((a, b) => b.length - a.length)[0]!;
  return { adapted: readFileSync(join(at, adapted!)).toString("base64"), rows: largest };
}

test("four at once, one killed and run again: every image once, with the model and the vectors of a run of the whole", async () => {
  const all = [0, 1, 2, 3].map(shard);
  const [first] = await Promise.race(
    all.map(async ({ child }, i) => [i, await once(child.stdout!, "end").catch(() => {})]),
  );
  all[(Number(first) + 1) % 4]!.child.kill("SIGKILL");
  const ends = await Promise.all(all.map(({ ended }) => ended));
  const summaries: IndexSummary[] = [];
  for (const [i, [printed, how]] of ends.entries()) {
    if (how === "SIGKILL") summaries.push(JSON.parse((await shard(i).ended)[0]));
    else summaries.push(JSON.parse(printed));
  }
  for (const { model: used } of summaries) expect(used.name).toBe("tiny+adapted");
  // Weights are chosen when all parts are there.
  for (const summary of summaries) expect(summary).toMatchObject({ weights: null });
  const [whole, finished, doctor] = await Promise.all([
    start("whole", "index", folder).ended,
    start("parts", "index", folder, "--finish").ended,
    start("parts", "doctor", "--in", folder).ended,
  ]);
  const { weights, ...run } = JSON.parse(whole[0]);
  expect(run).toMatchObject({ indexed: IMAGES });
  expect(weights).toMatchObject({ images: IMAGES });
  expect(made("parts")).toEqual(made("whole"));
  expect(JSON.parse(finished[0])).toMatchObject({ rows: IMAGES, duplicates: 0, orphans: 0, integrity: "ok", weights });
  // What a part has done is not done again, by itself or by another one.
  expect(JSON.parse((await start("parts", "index", folder).ended)[0])).toMatchObject({ indexed: 0, unchanged: IMAGES });
  const { index } = JSON.parse(doctor[0]) as SetupReport;
  expect(index).toMatchObject({ kind: "sqlite", version: expect.any(Number), rows: IMAGES, duplicates: 0, recall: 1 });
  expect(index!.latency).toBeGreaterThan(0);
}, 120_000);

test("every file belongs to one part, and parts are about as large", () => {
  const paths = Array.from({ length: 1000 }, (_, i) => `some/${i}.png`);
  const parts = [0, 1, 2, 3].map((index) => paths.filter((path) => isInShard(path, { index, of: 4 })));
  expect(parts.flat().sort()).toEqual([...paths].sort());
  for (const part of parts) expect(Math.abs(part.length - 250)).toBeLessThan(60);
  expect(paths.filter((path) => isInShard(path, undefined))).toEqual(paths);
});

test("parts run beside each other, each once, and none beside a run of the whole", async () => {
  const place = join(root, "locks");
  const take = (of?: number) =>
    lockRuns(
      place,
      { every: 5, signal: AbortSignal.timeout(300) },
      of === undefined ? undefined : { index: of, of: 4 },
    );
  const zero = await take(0);
  const one = await take(1);
  await expect(take(1)).rejects.toThrow(/timeout/);
  await expect(take()).rejects.toThrow(/timeout/);
  zero();
  one();
  const whole = await take();
  await expect(take(2)).rejects.toThrow(/timeout/);
  whole();
  (await take(2))();
});

test("an index is copied with its adapted model, goes on where it was stopped, and is proven to be the same", async () => {
  expect((await start("whole", "index", folder).ended)[1]).toBe("0");
  const copy = () =>
    start("copy", "index", folder, "--copy-from", join(root, "whole")).ended.then(([out]) => JSON.parse(out));
  const first = await copy();
  expect(first).toMatchObject({
    copied: IMAGES,
    already: 0,
    images: IMAGES,
    proof: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(made("copy")).toEqual(made("whole"));
  const at = join(root, "copy", readdirSync(join(root, "copy"))[0]!);
  for (const name of readdirSync(at).filter((each) => /^[0-9a-f]{16}\.sqlite$/.test(each))) {
    const database = new Database(join(at, name));
    database.exec(
      "delete from image where path like '1%'; update embedding set branches = zeroblob(length(branches)) where image_id in (select id from image where path like '2%')",
    );
    database.close();
  }
  const again = await copy();
  expect(again).toMatchObject({ images: IMAGES, proof: first.proof });
  expect(again.copied).toBe(22);
  expect(again.already).toBe(IMAGES - 22);
  expect(made("copy")).toEqual(made("whole"));
  // Nothing is left to do there.
  expect(JSON.parse((await start("copy", "index", folder).ended)[0])).toMatchObject({ indexed: 0, unchanged: IMAGES });
  expect((await start("other", "index", folder, "--copy-from", join(root, "nowhere")).ended)[1]).toBe("1");
}, 120_000);
