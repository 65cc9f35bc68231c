/** Networks of others are read in a process of their own: it says the same, can be ended, and leaves nothing behind. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { importAside, importModel, inspectModel } from "../../../../src/core/model/import/index.ts";
import { ModelError, NothingToTakeError } from "../../../../src/core/model/index.ts";
import { GraphBuilder } from "../../../../src/core/onnx/index.ts";
import { endless } from "./hostile.ts";
import * as net from "./networks.ts";

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "lookalike-aside-"));
  for (const name of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(name, scratch);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true, force: true });
});

const inspect = (file: string, options: Partial<Parameters<typeof importAside>[2]> = {}) =>
  importAside("inspect", { file }, { file, ...options });

test("what it says and makes is what is said and made here", async () => {
  const file = net.write(net.classifier());
  expect(await inspect(file)).toEqual(await inspectModel(file));
  const [here, aside] = [net.path(), net.path()];
  const report = await importModel({ file, out: here });
  expect(await importAside("import", { file, out: aside }, { file })).toEqual(report);
  expect(readFileSync(aside)).toEqual(readFileSync(here));
}, 60_000);

test("a refusal is the same one, with its values", async () => {
  const text = net.write(new TextEncoder().encode("text"), "text.onnx");
  await expect(inspect(text)).rejects.toThrow(ModelError);
  await expect(inspect(text)).rejects.toThrow(/text\.onnx is not an ONNX file/);
  const graph = new GraphBuilder("two inputs");
  const map = net.body(graph, graph.input("pixels", "float32", ["N", 3, net.SIDE, net.SIDE]));
  graph.output(graph.op("Add", [map, graph.input("shift", "float32", [1])], {}, "both"), "float32", ["N", 6, 4, 4]);
  const error: unknown = await inspect(net.write(graph.encode())).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(NothingToTakeError);
  expect((error as NothingToTakeError).values).toContain("map");
}, 60_000);

test("an abort ends it at once, and nothing is left", async () => {
  const file = net.write(endless());
  const abort = new AbortController();
  const asked = inspect(file, { signal: abort.signal });
  // As soon as the network is being tried.
  while (!readdirSync(scratch).some((name) => existsSync(join(scratch, name, "model.onnx")))) await sleep(20);
  abort.abort(new Error("left"));
  await expect(asked).rejects.toThrow("left");
  expect(readdirSync(scratch)).toEqual([]);
  await expect(inspect(file, { signal: abort.signal })).rejects.toThrow("left");
}, 60_000);

test("one that tells nothing is ended, and so is one that ends by itself", async () => {
  const file = net.write(endless());
  await expect(inspect(file, { silence: 0 })).rejects.toThrow(/takes too long to be looked into/);
  // Too little for any program.
  vi.stubEnv("NODE_OPTIONS", "--max-old-space-size=1");
  await expect(inspect(file)).rejects.toThrow(/The process that looked into .* ended \(.+\): the file is damaged/);
  mkdirSync(join(scratch, "kept"));
  expect(readdirSync(scratch)).toEqual(["kept"]);
}, 60_000);
