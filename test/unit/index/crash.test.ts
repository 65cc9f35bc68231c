/** Processes that index the same folder: killed again and again, or several at once. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { IndexSummary } from "../../../src/shared/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const IMAGES = 1000;
/** npm run soak -- kill index kills 50 times, with the adaptation of the model. */
const KILLS = 12;

let root: string;
let folder: string;
let model: string;
/** Path to embedding, of a run that nobody disturbed. */
let undisturbed: Map<string, string>;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-crash-"));
  folder = join(root, "images");
  mkdirSync(folder);
  model = join(root, "tiny.onnx");
  writeFileSync(model, tinyModel("tiny", "SMG"));
  const random = xoroshiro128plus(11);
  const draw = (i: number) => {
    const pixels = Buffer.from(Array.from({ length: 6 * 6 * 3 }, () => random.next() & 255));
    const image = sharp(pixels, { raw: { width: 6, height: 6, channels: 3 } }).png({ compressionLevel: 1 });
    return image.toFile(join(folder, `${i}.png`));
  };
  await Promise.all(Array.from({ length: IMAGES }, (_, i) => draw(i)));
  await run("undisturbed").done;
  undisturbed = read("undisturbed");
  expect(undisturbed.size).toBe(IMAGES);
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const indexFile = (name: string) => join(root, name, "index.sqlite");

/** Starts a process that indexes; `stored` is called with what it acknowledged. */
function run(
  name: string,
  chore?: "rebuild" | "vacuum",
  stored: (paths: string[], child: ChildProcess) => void = () => {},
): { done: Promise<IndexSummary | undefined>; child: ChildProcess } {
  const args = [folder, indexFile(name), model, ...(chore === undefined ? [] : [chore])];
  const child = fork(join(import.meta.dirname, "indexer.ts"), args, {
    execArgv: [],
    // Many starts: what is compiled once need not be again.
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, "compiled") },
  });
  let summary: IndexSummary | undefined;
  child.on("message", (message: { stored: string[] } | { summary: IndexSummary }) => {
    if ("summary" in message) summary = message.summary;
    else stored(message.stored, child);
  });
  const done = new Promise<IndexSummary | undefined>((resolve, reject) => {
    child.on("exit", (code, signal) =>
      code === 0 || signal === "SIGKILL" ? resolve(summary) : reject(new Error(`the indexer ended with ${code}`)),
    );
  });
  return { done, child };
}

function read(name: string): Map<string, string> {
  const database = new Database(indexFile(name));
  try {
    const rows = database
      .prepare<[], { path: string; branches: Buffer }>(
        "select path, branches from image join embedding on image.id = image_id",
      )
      .all();
    const map = new Map(rows.map(({ path, branches }) => [path, branches.toString("hex")]));
    // The path is unique in the table; counted here all the same, in case it is not.
    expect(map.size).toBe(rows.length);
    return map;
  } finally {
    database.close();
  }
}

test(`killed at ${KILLS} points: each image once, each vector the same bit for bit, nothing acknowledged lost`, async () => {
  const random = xoroshiro128plus(5);
  const acknowledged = new Set<string>();
  let killed = 0;
  let finished = false;
  while (killed < KILLS) {
    // Some die before the first image, most somewhere in the next few dozen; the wait shifts the point within a step.
    const after = Math.abs(random.next()) % 36;
    const wait = Math.abs(random.next()) % 6;
    let count = 0;
    const { done } = run("killed", undefined, (paths, child) => {
      for (const path of paths) acknowledged.add(path);
      count += paths.length;
      if (count >= after) setTimeout(() => child.kill("SIGKILL"), wait);
    });
    if ((await done) !== undefined) finished = true;
    killed++;
    const kept = read("killed");
    for (const path of acknowledged) expect(kept.has(path)).toBe(true);
    for (const [path, embedding] of kept) expect(embedding).toBe(undisturbed.get(path));
  }
  expect(finished).toBe(false);
  const summary = await run("killed").done;
  expect(summary).toMatchObject({ updated: 0, removed: 0, skipped: [] });
  expect(summary!.indexed + summary!.unchanged).toBe(IMAGES);
  expect(sorted(read("killed"))).toEqual(sorted(undisturbed));
}, 180_000);

test("three at once, one of which rebuilds and another vacuums: no duplicates, nothing lost", async () => {
  const runs = [run("shared"), run("shared"), run("shared", "rebuild"), run("shared", "vacuum")];
  const summaries = await Promise.all(runs.map(({ done }) => done));
  for (const summary of summaries) {
    expect(summary).toMatchObject({ removed: 0, skipped: [] });
    expect(summary!.indexed + summary!.updated + summary!.unchanged).toBe(IMAGES);
  }
  expect(sorted(read("shared"))).toEqual(sorted(undisturbed));
}, 180_000);

function sorted(map: Map<string, string>): [string, string][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
