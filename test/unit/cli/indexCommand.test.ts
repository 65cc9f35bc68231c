import { globSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { indexCommand } from "../../../src/cli/indexCommand.ts";
import { similarCommand } from "../../../src/cli/similarCommand.ts";
import type { IndexSummary } from "../../../src/shared/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

let root: string;
let folder: string;
let model: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-index-command-"));
  folder = join(root, "images");
  model = join(root, "model.onnx");
  mkdirSync(folder);
  writeFileSync(model, tinyModel("tiny", "SMG"));
  for (let i = 0; i < 50; i++) {
    const pixels = Uint8Array.from({ length: 12 }, (_, j) => (37 * i * (j + 1) + 11 * j) % 256);
    await sharp(pixels, { raw: { width: 2, height: 2, channels: 3 } }).toFile(join(folder, `${i}.png`));
  }
});
afterEach(() => {
  process.exitCode = undefined;
  rmSync(root, { recursive: true, force: true });
});

/** What the command printed, and its exit code. */
async function run(options: Parameters<typeof indexCommand>[1] = {}) {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  process.exitCode = undefined;
  try {
    await indexCommand(folder, { index: join(root, "indexes"), model, adapt: false, device: "cpu", ...options });
    return { out: log.mock.calls.join("\n"), err: error.mock.calls.join("\n"), code: process.exitCode };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}

test("a folder whose disk is away keeps its index, exit code 2; --accept-removed forgets, and nothing is embedded again", async () => {
  expect(JSON.parse((await run({ json: true })).out)).toMatchObject({ indexed: 50 } satisfies Partial<IndexSummary>);
  renameSync(folder, join(root, "away"));
  await expect(run()).rejects.toThrow(/is not a folder that can be read/);
  mkdirSync(folder);
  const refused = await run();
  expect(refused).toMatchObject({ out: "", code: 2 });
  expect(refused.err).toMatch(/50 of the 50 indexed images of .* are gone at once. Nothing was removed/);
  expect(refused.err).toContain(`lookalike index "${folder}" --accept-removed`);
  const json = await run({ json: true, rebuild: true });
  expect(json.code).toBe(2);
  expect(JSON.parse(json.out)).toEqual({ vanished: { gone: 50, indexed: 50 } });

  const accepted = await run({ acceptRemoved: true });
  expect(accepted).toMatchObject({ code: undefined, out: expect.stringContaining("50 removed") });
  const place = { in: [folder], index: join(root, "indexes"), model, adapt: false, device: "cpu", k: 5 } as const;
  await expect(similarCommand([join(root, "away", "0.png")], place)).rejects.toThrow(/is not indexed/);
  rmSync(folder, { recursive: true });
  renameSync(join(root, "away"), folder);
  expect(JSON.parse((await run({ json: true })).out)).toMatchObject({ indexed: 50, reused: 50 });
});

test("an index of before weights goes on as it was, and is told how to get some", async () => {
  expect((await run()).out).toContain("weights spoc 1");
  const file = globSync("**/[0-9a-f]*.sqlite", { cwd: join(root, "indexes") })[0]!;
  const database = new Database(join(root, "indexes", file));
  expect(database.prepare("delete from meta where key = 'note:weights'").run().changes).toBe(1);
  database.close();
  expect((await run()).out).toContain("this index holds none yet (--weights auto");
  expect((await run({ weights: "auto" })).out).toContain("weights spoc 1");
  expect((await run()).out).not.toContain("holds none");
});

test("to adapt anew is for the whole folder, and for a model that may be adapted", async () => {
  await expect(run({ refit: true })).rejects.toThrow("--refit adapts the model anew: leave --no-adapt out.");
  const shard = { index: 0, of: 2 };
  await expect(run({ refit: true, adapt: true, shard })).rejects.toThrow("--refit is for all parts at once");
  await expect(run({ rebuild: true, shard })).rejects.toThrow("--rebuild is for all parts at once");
  await expect(run({ refit: true, adapt: true, finish: true })).rejects.toThrow("--finish comes after all parts");
});
