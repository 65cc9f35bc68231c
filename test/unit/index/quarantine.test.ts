/** Files at which the process dies: each is found, named and skipped, and all others are indexed. */
import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { IndexSummary } from "../../../src/shared/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const DEADLY = [200, 10, 60] as const;

let root: string;
let folder: string;
let model: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-quarantine-"));
  folder = join(root, "images");
  mkdirSync(folder);
  model = join(root, "tiny.onnx");
  writeFileSync(model, tinyModel("tiny", "SMG"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const name = (i: number) => `${String(i).padStart(3, "0")}.png`;

/** So many images of different colours; those of `deadly` all of the one at which the runtime ends, in different sizes. */
async function draw(count: number, deadly: readonly number[]): Promise<void> {
  for (let i = 0; i < count; i++) {
    const [r, g, b] = deadly.includes(i) ? DEADLY : [i % 200, (i * 7) % 256, (i * 31) % 256];
    const image = sharp({ create: { width: 6 + (i % 50), height: 5, channels: 3, background: { r, g, b } } });
    await image.png().toFile(join(folder, name(i)));
  }
}

/** Indexes in a process of its own. @returns its summary; how it ended where it did not come to that */
function run(env: Record<string, string>, ...chore: "rebuild"[]): Promise<IndexSummary | string> {
  const child = fork(join(import.meta.dirname, "indexer.ts"), [folder, join(root, "index.sqlite"), model, ...chore], {
    execArgv: [],
    env: {
      ...process.env,
      FAULTY_COLOUR: DEADLY.join(),
      NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, "faultyRuntime.ts"))}`,
      ...env,
    },
  });
  let summary: IndexSummary | undefined;
  child.on("message", (message: { summary?: IndexSummary }) => {
    if (message.summary !== undefined) summary = message.summary;
  });
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => resolve(summary ?? String(signal ?? code)));
  });
}

test("a file that ends the model's run is named after one death, and everything else is indexed", async () => {
  // Two of them are in one batch, and the last comes long after these are known.
  await draw(300, [20, 22, 290]);
  expect(await run({})).toBe("SIGSEGV");
  expect(await run({})).toBe("SIGSEGV");
  const summary = await run({});
  const reason = "it ended the model's run on cpu (SIGSEGV); it is tried again once it changes";
  expect(summary).toMatchObject({ skipped: [20, 22, 290].map((i) => ({ path: name(i), reason })) });
  const { indexed, unchanged } = summary as IndexSummary;
  expect(indexed + unchanged).toBe(297);

  // They stay where they are, in a rebuild too, which tries them again but in another process.
  expect(await run({})).toMatchObject({ indexed: 0, unchanged: 297, skipped: [{}, {}, {}] });
  expect(await run({}, "rebuild")).toMatchObject({ indexed: 297, skipped: [{}, { reason }, {}] });
  expect(await run({ FAULTY_COLOUR: "1,2,3" }, "rebuild")).toMatchObject({ indexed: 300, skipped: [] });
}, 120_000);

test("a run that ends only with other images beside it costs no file", async () => {
  await draw(40, [13]);
  const env = { FAULTY_ABOVE: "1" };
  expect(await run(env)).toBe("SIGSEGV");
  const summary = await run(env);
  expect(summary).toMatchObject({ skipped: [] });
  const { indexed, unchanged } = summary as IndexSummary;
  expect(indexed + unchanged).toBe(40);
}, 60_000);

test("a quarantined file is looked at again once it changes", async () => {
  await draw(12, [5]);
  expect(await run({})).toBe("SIGSEGV");
  expect(await run({})).toMatchObject({ skipped: [{ path: name(5) }] });
  await sharp({ create: { width: 9, height: 9, channels: 3, background: "#0f0" } })
    .png()
    .toFile(join(folder, name(5)));
  expect(await run({})).toMatchObject({ indexed: 1, skipped: [] });
}, 60_000);
