/** Files at which the process dies: each is found, named and skipped, and all others are indexed. */
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import Database from "better-sqlite3";
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

/** Runs a module in a process of its own. @returns how it ended, with what it printed and the summary that it sent */
async function end(module: string, args: readonly string[], env: Record<string, string>) {
  const child = fork(join(import.meta.dirname, module), args, {
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: {
      ...process.env,
      // Not the user's own data folder.
      XDG_DATA_HOME: join(root, "data"),
      FAULTY_COLOUR: DEADLY.join(),
      NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, "faultyRuntime.ts"))}`,
      ...env,
    },
  });
  let sent: IndexSummary | undefined;
  child.on("message", (message: { summary?: IndexSummary }) => {
    sent ??= message.summary;
  });
  const [printed, said, [code, signal]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, "exit"),
  ]);
  return { sent, printed, said, how: String(signal ?? code) };
}

/** Brings the index up to date. @returns the summary; how the process ended where it did not come to that */
async function run(env: Record<string, string>, ...chore: "rebuild"[]): Promise<IndexSummary | string> {
  const { sent, how } = await end("indexer.ts", [folder, join(root, "index.sqlite"), model, ...chore], env);
  return sent ?? how;
}

test("a file that ends the model's run is named after one death, and everything else is indexed", async () => {
  // Two of them are in one batch, and the last comes long after these are known.
  await draw(120, [20, 22, 110]);
  expect(await run({})).toBe("SIGSEGV");
  expect(await run({})).toBe("SIGSEGV");
  const summary = await run({});
  const reason = "it ended the model's run on cpu (SIGSEGV); it is tried again once it changes";
  expect(summary).toMatchObject({ skipped: [20, 22, 110].map((i) => ({ path: name(i), reason })) });
  const { indexed, unchanged } = summary as IndexSummary;
  expect(indexed + unchanged).toBe(117);

  // They stay where they are, in a rebuild too, which tries them again but in another process.
  expect(await run({})).toMatchObject({ indexed: 0, unchanged: 117, skipped: [{}, {}, {}] });
  expect(await run({}, "rebuild")).toMatchObject({ indexed: 117, skipped: [{}, { reason }, {}] });
  expect(await run({ FAULTY_COLOUR: "1,2,3" }, "rebuild")).toMatchObject({ indexed: 120, skipped: [] });
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

/** The model that was adapted, and the embeddings. */
function made(indexes: string): { readonly model: string; readonly rows: string[] } {
  const [place] = readdirSync(join(root, indexes));
  const files = readdirSync(join(root, indexes, place!));
  const adapted = files.filter((file) => /^adapted-.*\.onnx$/.test(file));
  expect(adapted).toHaveLength(1);
  const bytes = readFileSync(join(root, indexes, place!, adapted[0]!));
  const model = createHash("sha256").update(bytes).digest("hex");
  const database = new Database(join(root, indexes, place!, `${model.slice(0, 16)}.sqlite`), { readonly: true });
  const rows = database
    .prepare<[], string>("select path || ' ' || hex(branches) from image join embedding on id = image_id order by path")
    .pluck()
    .all();
  database.close();
  return { model, rows };
}

const adaptArgs = (indexes: string) =>
  ["index", folder, "--index", join(root, indexes), "--model", model, "--device", "cpu", "--json"] as const;

test("a first index that is killed again and again ends with the same model and embeddings, bit for bit", async () => {
  await draw(80, []);
  // One that cannot be decoded: rows close up.
  writeFileSync(join(folder, name(7)), "no picture");
  const cli = "../../../src/cli/main.ts";
  const quiet = { FAULTY_COLOUR: "1,2,3" };
  expect(await end(cli, adaptArgs("undisturbed"), quiet)).toMatchObject({ how: "0" });
  let killed = 0;
  for (let i = 0; i < 4; i++) {
    // At another moment each time.
    const dead = await end(cli, adaptArgs("killed"), { ...quiet, FAULTY_RUNS: String(9 + 23 * i) });
    if (dead.how === "SIGKILL") killed++;
  }
  expect(killed).toBeGreaterThan(2);
  const { printed, how } = await end(cli, adaptArgs("killed"), quiet);
  expect(how).toBe("0");
  expect(JSON.parse(printed)).toMatchObject({ skipped: [{ path: name(7) }] });
  expect(made("killed")).toEqual(made("undisturbed"));
}, 120_000);

test("where one death follows the other with the same files, the adaptation does without them, and says so", async () => {
  await draw(90, [44]);
  const cli = "../../../src/cli/main.ts";
  // Only beside its views: alone it does no harm.
  const env = { FAULTY_ABOVE: "1", FAULTY_BELOW: "4" };
  let ends = 0;
  let last = await end(cli, adaptArgs("indexes"), env);
  for (; last.how === "SIGSEGV"; ends++) last = await end(cli, adaptArgs("indexes"), env);
  expect(last.how).toBe("0");
  // With others, alone, alone again.
  expect(ends).toBe(3);
  expect(last.said).toContain(`The model was adapted without ${name(44)}: two processes died`);
  expect(JSON.parse(last.printed)).toMatchObject({ indexed: 90, skipped: [] });
}, 60_000);

test("a file that ends the adaptation of the model is named too, and left out of it", async () => {
  await draw(90, [44]);
  const args = ["index", folder, "--index", join(root, "indexes"), "--model", model, "--device", "cpu", "--json"];
  expect(await end("../../../src/cli/main.ts", args, {})).toMatchObject({ printed: "", how: "SIGSEGV" });
  const { printed, how } = await end("../../../src/cli/main.ts", args, {});
  expect(how).toBe("0");
  const summary = JSON.parse(printed) as IndexSummary;
  expect(summary).toMatchObject({ indexed: 89, skipped: [{ path: name(44) }], model: { name: "tiny+adapted" } });
}, 60_000);
