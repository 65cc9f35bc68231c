import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { call, type EngineRequests } from "../../../src/shared/index.ts";
import { like } from "../../fixtures/like.ts";

let root: string;
let engine: ChildProcess;
let connection: MessageConnection;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-native-"));
  const preload = join(root, "noNative.mjs");
  // As on a platform for which a module has no binary.
  writeFileSync(preload, 'process.dlopen = () => { throw new Error("no binary for this platform"); };\n');
  engine = fork(resolve(import.meta.dirname, "../../../src/engine/main.ts"), [ensureDefaultModel()], {
    serialization: "advanced",
    execArgv: ["--import", pathToFileURL(preload).href],
  });
  connection = createMessageConnection(new IPCMessageReader(engine), new IPCMessageWriter(engine));
  connection.listen();
}, 60_000);
afterAll(() => {
  connection.dispose();
  engine.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

test("without native modules the engine lives, and every request says why it cannot work", async () => {
  const folder = { folder: root, location: join(root, "indexes") };
  const image = join(root, "a.png");
  const ask = <M extends keyof EngineRequests>(method: M, params: EngineRequests[M]["params"]) =>
    call<EngineRequests, M, never>(connection, method, params);
  const why = /native modules cannot be loaded on this platform.*no binary for this platform.*Install the build/s;
  await expect(ask("folder/status", folder)).rejects.toThrow(why);
  await expect(ask("folder/index", folder)).rejects.toThrow(why);
  await expect(ask("image/similar", { ...folder, ...like(image, 3) })).rejects.toThrow(why);
  await expect(ask("image/thumbnail", { ...folder, image, size: 32 })).rejects.toThrow(why);
  expect(engine.exitCode).toBeNull();
}, 60_000);
