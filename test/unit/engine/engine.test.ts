import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { CancellationTokenSource, type MessageConnection } from "vscode-jsonrpc/node";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { call, type EngineRequests, type FolderStatus } from "../../../src/shared/index.ts";
import { startEngine } from "../../fixtures/engineProcess.ts";
import { like } from "../../fixtures/like.ts";

let model: string;
let root: string;
let engine: ChildProcess;
let connection: MessageConnection;

beforeAll(async () => {
  model = ensureDefaultModel();
}, 120_000);
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-engine-"));
  mkdirSync(join(root, "images"));
  for (let i = 0; i < 40; i++) {
    await sharp({ create: { width: 64, height: 64, channels: 3, background: { r: i * 6, g: 90, b: 200 - i * 5 } } })
      .png()
      .toFile(join(root, "images", `${i}.png`));
  }
  start(model);
});
afterEach(() => {
  connection.dispose();
  engine.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

/** Not on the user's own data folder. */
function start(modelFile: string): void {
  ({ child: engine, connection } = startEngine(modelFile, join(root, "data")));
}

const ask = <M extends keyof EngineRequests>(method: M, params: EngineRequests[M]["params"]) =>
  call<EngineRequests, M, never>(connection, method, params);
const folderParams = () => ({
  folder: join(root, "images"),
  location: join(root, "indexes"),
  adapt: false,
  device: "cpu" as const,
});

test("serves indexing with progress, search and thumbnails over IPC", async () => {
  const statuses: FolderStatus[] = [];
  connection.onNotification("folder/changed", (status: FolderStatus) => void statuses.push(status));
  expect(await ask("folder/status", folderParams())).toMatchObject({ indexed: 0, progress: null, device: "cpu" });
  expect(await ask("folder/index", folderParams())).toMatchObject({ indexed: 40, skipped: [] });
  const result = await ask("image/similar", { ...folderParams(), ...like(join(root, "images", "7.png"), 3) });
  expect(["6.png", "8.png"]).toContain(result.results["combined"]![0]!.path);
  const { bytes } = await ask("image/thumbnail", { ...folderParams(), image: join(root, "images", "7.png"), size: 32 });
  expect(bytes).toBeInstanceOf(Uint8Array);
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 32, format: "webp" });
  expect(statuses.some((status) => status.progress?.phase === "embedding")).toBe(true);
  expect(statuses.at(-1)).toMatchObject({ indexed: 40, progress: null });
}, 60_000);

test("answers from several folders, tells what lies on disk, and deletes it", async () => {
  const [one, two] = [join(root, "images"), join(root, "more")];
  mkdirSync(two);
  for (const i of [3, 30]) copyFileSync(join(one, `${i}.png`), join(two, `${i}.png`));
  const { folder: _, ...place } = folderParams();
  const filter = { exclude: ["1?.png"] };
  expect(await ask("folder/index", { ...place, folder: one, filter })).toMatchObject({ indexed: 30 });
  expect(await ask("folder/index", { ...place, folder: two })).toMatchObject({ indexed: 2 });
  const examples = [{ image: join(one, "30.png"), sign: 1 as const }];
  const { order, results } = await ask("image/similarAcross", { ...place, folders: [one, two], examples, k: 4 });
  expect(order).toBe("score");
  expect(results["combined"]![0]).toMatchObject({ rank: 1, path: "more/30.png", score: expect.closeTo(1, 3) });
  const asked = { ...place, folders: [one, two], names: { [one]: "first", [two]: "second" }, examples, k: 4 };
  const within = await ask("image/similarAcross", { ...asked, only: { folder: "second" }, weights: { another: 0 } });
  expect(Object.keys(within.models)).toEqual([two]);
  expect(within.results["combined"]!.map(({ path }) => path).sort()).toEqual(["second/3.png", "second/30.png"]);
  await expect(ask("image/similarAcross", { ...asked, only: { folder: "third" } })).rejects.toThrow(/third is in none/);
  const details = await ask("index/details", { ...place, folder: one });
  expect(details).toMatchObject({ current: { rows: 30, damaged: false }, others: [], skipped: [] });
  await ask("index/remove", { ...place, folder: one });
  expect(await ask("index/details", { ...place, folder: one })).toMatchObject({ current: null, bytes: 0 });
  expect(await ask("folder/status", { ...place, folder: one })).toMatchObject({ indexed: 0 });
  expect(await ask("folder/status", { ...place, folder: two })).toMatchObject({ indexed: 2 });
}, 60_000);

test("a cancelled run ends with an error, and what was stored stays", async () => {
  const source = new CancellationTokenSource();
  connection.onNotification("folder/changed", (status: FolderStatus) => {
    if (status.indexed >= 8) source.cancel();
  });
  await expect(
    call<EngineRequests, "folder/index", unknown>(connection, "folder/index", folderParams(), source.token),
  ).rejects.toThrow();
  const { indexed } = await ask("folder/status", folderParams());
  expect(indexed).toBeGreaterThanOrEqual(8);
  expect(indexed).toBeLessThan(40);
}, 60_000);

test("killed while indexing: a new engine finds what was acknowledged and goes on", async () => {
  let acknowledged = 0;
  const killed = once(engine, "exit");
  connection.onNotification("folder/changed", (status: FolderStatus) => {
    acknowledged = Math.max(acknowledged, status.indexed);
    if (status.indexed >= 8) engine.kill("SIGKILL");
  });
  ask("folder/index", folderParams()).catch(() => {});
  await killed;
  connection.dispose();
  start(model);
  const { indexed } = await ask("folder/status", folderParams());
  expect(indexed).toBeGreaterThanOrEqual(acknowledged);
  expect(await ask("folder/index", folderParams())).toMatchObject({ indexed: 40 - indexed, unchanged: indexed });
}, 60_000);

test("checks the set-up, and runs a model on the device that each request asks for", async () => {
  expect(await ask("folder/index", folderParams())).toMatchObject({ indexed: 40 });
  const report = await ask("setup/check", folderParams());
  expect(report).toMatchObject({ ok: true, device: { asked: "cpu", used: "cpu" }, index: { rows: 40 } });
  // No platform has both of them.
  const device = process.platform === "win32" ? "coreml" : "dml";
  const { deviceReport, indexed } = await ask("folder/status", { ...folderParams(), device });
  expect(indexed).toBe(40);
  expect(deviceReport).toMatchObject({ asked: device, used: "cpu", reason: expect.stringContaining(`no ${device}`) });
}, 60_000);

test("a model that is not there is an error that says what to do, and the engine lives on", async () => {
  connection.dispose();
  engine.kill("SIGKILL");
  start(join(root, "no model.onnx"));
  await expect(ask("folder/status", folderParams())).rejects.toThrow(/no model\.onnx cannot be read/);
  await expect(ask("folder/status", folderParams())).rejects.toThrow(/no model\.onnx cannot be read/);
}, 60_000);
