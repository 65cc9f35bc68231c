import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { downloadCommand } from "../../../src/cli/model/downloadCommand.ts";
import { type HubServer, startHub } from "../../fixtures/hub/server.ts";

const BYTES = new Uint8Array(2_000_000).fill(5);
let hub: HubServer;
let folder: string;
let stdout: string[];
let stderr: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-command-"));
  stdout = [];
  stderr = [];
  vi.spyOn(console, "log").mockImplementation((line) => stdout.push(String(line)));
  vi.spyOn(console, "error").mockImplementation((line) => stderr.push(String(line)));
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  await hub.close();
  rmSync(folder, { recursive: true });
});

test("the only file of a repository goes into the folder, under the repository's name", async () => {
  hub = await startHub("someone/resnet50.v1", { "model.safetensors": BYTES });
  await downloadCommand("someone/resnet50.v1", { out: folder, endpoint: hub.endpoint, json: true });
  const result = JSON.parse(stdout.join("\n"));
  expect(result).toMatchObject({ bytes: BYTES.length, resumedFrom: 0, licence: "apache-2.0" });
  expect(result.file).toBe(join(folder, "resnet50.v1.safetensors"));
  expect(readFileSync(result.file).equals(BYTES)).toBe(true);
  expect(stderr).toEqual(["model.safetensors of someone/resnet50.v1, 2.0 MB, licence apache-2.0"]);

  stdout.length = 0;
  await downloadCommand("someone/resnet50.v1", { out: folder, endpoint: hub.endpoint });
  expect(stdout.join("\n")).toContain("resnet50.v1.safetensors: 2.0 MB, it was there already");
});

test("the name of a backbone stands for its repository", async () => {
  hub = await startHub("timm/resnet18.a1_in1k", { "model.safetensors": BYTES });
  const out = join(folder, "mine.safetensors");
  vi.stubEnv("HF_ENDPOINT", hub.endpoint);
  await downloadCommand("resnet18", { out });
  vi.unstubAllEnvs();
  expect(readFileSync(out).equals(BYTES)).toBe(true);
  expect(stdout.join("\n")).toContain("licence apache-2.0");
});

test("several files: says which, and takes the one named", async () => {
  hub = await startHub("a/b", { "x/one.safetensors": BYTES, "two.safetensors": BYTES.subarray(1) });
  const options = { out: folder, endpoint: hub.endpoint };
  await expect(downloadCommand("a/b", options)).rejects.toThrow(
    "a/b has several networks. Choose one with --file:\n  two.safetensors (2.0 MB)\n  x/one.safetensors (2.0 MB)",
  );
  await expect(downloadCommand("a/b", { ...options, file: "three" })).rejects.toThrow("a/b has no network three");
  await downloadCommand("a/b", { ...options, file: "x/one.safetensors" });
  expect(readFileSync(join(folder, "one.safetensors")).equals(BYTES)).toBe(true);
});

test("a repository without weights", async () => {
  hub = await startHub("a/b", { "README.md": BYTES });
  await expect(downloadCommand("a/b", { endpoint: hub.endpoint })).rejects.toThrow(
    "a/b has no safetensors or ONNX file",
  );
});

test("Ctrl-C stops and says how to go on", async () => {
  hub = await startHub("a/b", { "m.safetensors": BYTES });
  hub.faults.hangs = { after: 1_000_000 };
  const task = downloadCommand("a/b", { out: folder, endpoint: hub.endpoint });
  await vi.waitFor(() => expect(hub.requests.at(-1)).toContain("/cdn/"));
  process.emit("SIGINT");
  await task;
  expect(process.exitCode).toBe(130);
  expect(stderr.at(-1)).toContain("run the command again to go on");
});

test("without a repository the catalogue is shown; a list says what there is, and a folder gets what belongs together", async () => {
  await downloadCommand(undefined, {});
  expect(String(stdout.at(-1))).toMatch(/DINOv2 S +Xenova\/dinov2-small +apache-2\.0/);
  const config = new TextEncoder().encode("{}");
  const files = {
    "onnx/model.onnx": BYTES,
    "onnx/model.onnx_data": BYTES,
    "onnx/other.onnx": BYTES,
    "config.json": config,
  };
  hub = await startHub("a/b", files, { license: "cc-by-nc-4.0" });
  await downloadCommand("a/b", { endpoint: hub.endpoint, list: true });
  expect(String(stdout.at(-1))).toMatch(
    /onnx\/model\.onnx +2\.0 MB\n.*beside them: config\.json, onnx\/model\.onnx_data/s,
  );
  expect(String(stderr.at(-1))).toMatch(/licence is cc-by-nc-4\.0, which forbids products/);
  const out = join(folder, "whole");
  await downloadCommand("a/b", { endpoint: hub.endpoint, file: "onnx/model.onnx", folder: out });
  expect(readdirSync(out).sort()).toEqual(["config.json", "config.json.origin.json", "onnx"]);
  expect(readdirSync(join(out, "onnx")).filter((name) => !name.endsWith(".json"))).toEqual([
    "model.onnx",
    "model.onnx_data",
  ]);
});
