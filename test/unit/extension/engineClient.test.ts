import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CancelledError, EngineClient } from "../../../src/extension/engine/engineClient.ts";
import { RestartPolicy } from "../../../src/extension/engine/restartPolicy.ts";

let folder: string;
let engine: EngineClient;
let output: string[];
let policy: RestartPolicy;

/** An engine that answers `setup/check` with its process id and the time of its start, and everything else never. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-client-"));
  const rpc = import.meta.resolve("vscode-jsonrpc/node");
  const module = join(folder, "engine.mjs");
  writeFileSync(
    module,
    `import rpc from ${JSON.stringify(rpc)};
     const connection = rpc.createMessageConnection(new rpc.IPCMessageReader(process), new rpc.IPCMessageWriter(process));
     connection.onRequest("setup/check", () => process.pid);
     connection.onRequest("folder/status", () => new Promise(() => {}));
     process.on("disconnect", () => process.exit(0));
     connection.listen();`,
  );
  output = [];
  policy = new RestartPolicy();
  engine = new EngineClient({ module, policy, onNotification: () => {}, onOutput: (line) => output.push(line) });
});
afterEach(() => {
  engine.dispose();
  rmSync(folder, { recursive: true, force: true });
});

test("a restart ends what waits as cancelled, is no crash, and the next request has a new process", async () => {
  const first = await engine.request("setup/check", {});
  expect(first).toBe(engine.pid);
  const waiting = engine.request("folder/status", { folder });
  // The request is under way by then.
  await engine.request("setup/check", {});
  engine.restart();
  await expect(waiting).rejects.toBeInstanceOf(CancelledError);
  expect(engine.pid).toBeUndefined();
  const second = await engine.request("setup/check", {});
  expect(second).toBe(engine.pid);
  expect(second).not.toBe(first);
  expect(output).toEqual([]);
  // A crash would be followed by a delay.
  expect(policy.delay()).toBe(0);
});

test("a restart of an engine that does not run does nothing", async () => {
  engine.restart();
  expect(engine.pid).toBeUndefined();
  expect(await engine.request("setup/check", {})).toBe(engine.pid);
});
