import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FolderStatus } from "../../../src/shared/index.ts";

const editor = vi.hoisted(() => ({ trusted: true, contexts: [] as unknown[] }));

vi.mock("vscode", () => {
  class EventEmitter<T> {
    readonly #listeners = new Set<(value: T) => void>();
    readonly event = (listener: (value: T) => void) => {
      this.#listeners.add(listener);
      return { dispose: () => this.#listeners.delete(listener) };
    };
    fire(value: T): void {
      for (const listener of [...this.#listeners]) listener(value);
    }
    dispose(): void {}
  }
  class CancellationTokenSource {
    readonly #cancelled = new EventEmitter<void>();
    readonly token = { isCancellationRequested: false, onCancellationRequested: this.#cancelled.event };
    cancel(): void {
      this.token.isCancellationRequested = true;
      this.#cancelled.fire();
    }
  }
  return {
    EventEmitter,
    CancellationTokenSource,
    Uri: { file: (path: string) => ({ fsPath: path, path }) },
    commands: { executeCommand: async (...all: unknown[]) => editor.contexts.push(all.at(-1)) },
    workspace: {
      get isTrusted() {
        return editor.trusted;
      },
      getConfiguration: () => ({ get: (_: string, fallback: unknown) => fallback }),
    },
  };
});

const { EngineClient, EngineStoppedError, CancelledError } = await import(
  "../../../src/extension/engine/engineClient.ts"
);
const { IndexRuns } = await import("../../../src/extension/indexRuns.ts");

let folder: string;
let engine: InstanceType<typeof EngineClient>;
let runs: InstanceType<typeof IndexRuns>;
let lines: string[];
let waits: number[];
let whileWaiting: () => void;

/**
 * An engine that dies once per line of `script`: it says that so many images are indexed and so many files skipped, then
 * ends. After the last line it does its work. Each start is a letter in `starts`.
 */
function script(...deaths: [indexed: number, skipped: number][]): void {
  const rpc = import.meta.resolve("vscode-jsonrpc/node");
  writeFileSync(
    join(folder, "engine.mjs"),
    `import rpc from ${JSON.stringify(rpc)};
     import { appendFileSync, readFileSync } from "node:fs";
     const starts = ${JSON.stringify(join(folder, "starts"))};
     const connection = rpc.createMessageConnection(new rpc.IPCMessageReader(process), new rpc.IPCMessageWriter(process));
     connection.onRequest("folder/index", async ({ folder, rebuild }) => {
       appendFileSync(starts, rebuild ? "r" : "u");
       const tell = (indexed, skipped) => connection.sendNotification("folder/changed", { folder, indexed, skipped,
         progress: { phase: "scanning", done: 0, total: 0 } });
       const deaths = ${JSON.stringify(deaths)};
       const death = deaths[readFileSync(starts, "utf8").length - 1];
       await tell(0, 0);
       if (death === undefined) return { indexed: 7 };
       await tell(...death);
       process.kill(process.pid, "SIGKILL");
     });
     connection.listen();`,
  );
}

const starts = () => readFileSync(join(folder, "starts"), "utf8");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-runs-"));
  editor.trusted = true;
  editor.contexts = [];
  lines = [];
  waits = [];
  whileWaiting = () => {};
  engine = new EngineClient({
    module: join(folder, "engine.mjs"),
    onNotification: (method, params) => {
      if (method === "folder/changed") runs.report(params as FolderStatus);
    },
    onOutput: () => {},
  });
  runs = new IndexRuns({
    engine,
    log: { warn: (line: string) => void lines.push(line) },
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      whileWaiting();
    },
  });
});
afterEach(() => {
  runs.dispose();
  engine.dispose();
  rmSync(folder, { recursive: true, force: true });
});

test("a run goes on by itself after the engine died, as what it was, and those who wait see one run", async () => {
  script([0, 0]);
  const ends: unknown[] = [];
  runs.onEnd((end) => ends.push(end));
  whileWaiting = () => expect(runs.isRunning(folder)).toBe(true);
  expect(await runs.run(folder, true)).toEqual({ indexed: 7 });
  expect(starts()).toBe("rr");
  expect(ends).toEqual([{ folder }]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("SIGKILL");
  expect(lines[0]).toContain(folder);
});

test("three deaths without progress end it as failed, with longer waits in between; asked again it tries again", async () => {
  script([0, 0], [0, 0], [0, 0]);
  const ends: { error?: unknown }[] = [];
  runs.onEnd((end) => ends.push(end));
  await expect(runs.run(folder)).rejects.toBeInstanceOf(EngineStoppedError);
  expect(starts()).toBe("uuu");
  expect(waits).toEqual([500, 1000]);
  expect(ends[0]?.error).toBeInstanceOf(EngineStoppedError);
  expect(runs.isRunning()).toBe(false);
  expect(lines.at(-1)).toContain("given up");
  // Nobody starts an engine by itself that died so often.
  await expect(runs.run(folder)).rejects.toMatchObject({ restarts: false });
  expect(starts()).toBe("uuu");
  // What Retry does.
  engine.forgive();
  expect(await runs.run(folder)).toEqual({ indexed: 7 });
});

test("as long as it gets further it goes on: images that were stored, or a file that was quarantined", async () => {
  script([10, 0], [10, 1], [20, 1], [20, 2], [20, 3]);
  expect(await runs.run(folder)).toEqual({ indexed: 7 });
  expect(starts()).toBe("uuuuuu");
  expect(waits).toEqual([500, 500, 500, 500, 500]);
});

test("what was reached before does not count twice", async () => {
  script([10, 0], [10, 0], [9, 0]);
  await expect(runs.run(folder)).rejects.toBeInstanceOf(EngineStoppedError);
  expect(starts()).toBe("uuu");
});

test("a run that is cancelled or paused while it waits is over", async () => {
  script([0, 0]);
  whileWaiting = () => runs.cancel(folder);
  await expect(runs.run(folder)).rejects.toBeInstanceOf(CancelledError);
  expect(starts()).toBe("u");
});

test("a folder that is not trusted is not indexed again", async () => {
  script([0, 0]);
  const run = runs.run(folder);
  editor.trusted = false;
  await expect(run).rejects.toBeInstanceOf(EngineStoppedError);
  expect(starts()).toBe("u");
  expect(waits).toEqual([]);
});

test("an error of the engine's own is not tried again", async () => {
  writeFileSync(
    join(folder, "engine.mjs"),
    `import rpc from ${JSON.stringify(import.meta.resolve("vscode-jsonrpc/node"))};
     const connection = rpc.createMessageConnection(new rpc.IPCMessageReader(process), new rpc.IPCMessageWriter(process));
     connection.onRequest("folder/index", () => { throw new Error("the disk is full"); });
     connection.listen();`,
  );
  await expect(runs.run(folder)).rejects.toThrow("the disk is full");
  expect(waits).toEqual([]);
});

test("where nearly all images are gone, who asked is told apart from the question, and acceptance reaches the engine", async () => {
  writeFileSync(
    join(folder, "engine.mjs"),
    `import rpc from ${JSON.stringify(import.meta.resolve("vscode-jsonrpc/node"))};
     const connection = rpc.createMessageConnection(new rpc.IPCMessageReader(process), new rpc.IPCMessageWriter(process));
     connection.onRequest("folder/index", ({ acceptRemoved }) => {
       if (acceptRemoved) return { removed: 60 };
       throw new rpc.ResponseError(1, "60 of the 60 images are gone", { gone: 60, indexed: 60 });
     });
     connection.listen();`,
  );
  const vanished: unknown[] = [];
  runs.onVanished((run) => vanished.push(run));
  await expect(runs.run(folder, false, undefined, { byItself: true })).rejects.toMatchObject({
    name: "CancelledError",
    vanished: { gone: 60, indexed: 60 },
  });
  expect(vanished).toEqual([{ folder, rebuild: false, byItself: true, gone: 60, indexed: 60 }]);
  expect(await runs.run(folder, false, undefined, { acceptRemoved: true })).toEqual({ removed: 60 });
});
