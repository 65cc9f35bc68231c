import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fuzzEngine } from "../../fixtures/engineFuzz.ts";
import { type EngineProcess, startEngine } from "../../fixtures/engineProcess.ts";
import { makeFuzzFolder } from "../../fixtures/fuzzFolder.ts";

let root: string;
let engine: EngineProcess;

beforeEach(async () => {
  root = await makeFuzzFolder();
  engine = startEngine(join(root, "tiny.onnx"), join(root, "data"));
});
afterEach(() => {
  engine.kill();
  rmSync(root, { recursive: true, force: true });
});

const place = () => ({ folder: join(root, "images"), location: join(root, "indexes"), device: "cpu" as const });

// npm run soak -- messages sends 10,000.
test("random messages: the engine lives, and each request has one answer of a declared kind", async () => {
  const { answers, refused, faults } = await fuzzEngine(engine, root, 300, 3);
  expect(faults).toEqual([]);
  expect(answers).toBeGreaterThan(150);
  expect(refused).toBeGreaterThan(50);
});

test("a cancellation of nothing, and what is no message, are dropped and logged", async () => {
  const logged: string[] = [];
  engine.connection.onNotification("log", ({ message }: { message: string }) => void logged.push(message));
  for (const message of [
    { jsonrpc: "2.0", method: "$/cancelRequest" },
    { jsonrpc: "2.0", method: "$/cancelRequest", params: null },
    { jsonrpc: "2.0", method: "$/cancelRequest", params: { id: {} } },
    { jsonrpc: "1.0", id: 1, method: "folder/status" },
    { jsonrpc: "2.0", id: 7 },
    { jsonrpc: "2.0", id: 8, method: "folder/status", params: ["/"] },
    "text",
    [],
  ])
    engine.child.send(message);
  expect(await engine.ask("folder/status", place())).toMatchObject({ indexed: 0 });
  expect(logged.filter((message) => message.includes("was dropped"))).toHaveLength(8);
});

test("parameters that are not as the protocol says are refused with the reason, and nothing of them is used", async () => {
  const ask = (params: object) => engine.ask("folder/status", { ...place(), ...params });
  await expect(ask({ device: "../x" })).rejects.toThrow(/^The request folder\/status cannot be answered: device: /);
  await expect(ask({ location: "here" })).rejects.toThrow(
    'location: the place of the indexes is "here"; it has to be an absolute path',
  );
  await expect(ask({ folder: "images" })).rejects.toThrow("folder: not an absolute path");
  await expect(ask({ folder: `${place().folder}\0` })).rejects.toThrow("a NUL character");
  await expect(engine.ask("image/thumbnail", { ...place(), image: "/x.png", size: 1e9 })).rejects.toThrow("size: ");
});
