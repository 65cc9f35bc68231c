import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { CancellationToken, CancellationTokenSource } from "vscode-jsonrpc/node";
import { encodeSafetensors } from "../../../src/core/model/safetensors.ts";
import { Folders } from "../../../src/engine/folders.ts";
import { engineHandlers } from "../../../src/engine/handlers.ts";
import type { TransferProgress } from "../../../src/shared/index.ts";
import { type HubServer, startHub } from "../../fixtures/hub/server.ts";
import { resnet18 } from "../../fixtures/resnet18.ts";
import * as net from "../model/import/networks.ts";

const REPO = "someone/resnet18.v1";
let weights: Uint8Array;
let root: string;
let hub: HubServer;
let progress: TransferProgress[];
let handlers: ReturnType<typeof engineHandlers>;

beforeAll(() => {
  weights = encodeSafetensors(resnet18());
});
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-hub-"));
  hub = await startHub(REPO, { "model.safetensors": weights, "notes/other.safetensors": new Uint8Array(5000) });
  progress = [];
  handlers = engineHandlers(
    new Folders(join(root, "built-in.onnx"), () => {}, join(root, "models")),
    (method, params) => {
      if (method === "models/transfer") progress.push(params as TransferProgress);
    },
  );
});
afterEach(async () => {
  await hub.close();
  rmSync(root, { recursive: true, force: true });
});

const list = async (access: { token?: string } = {}) => {
  const answer = await handlers["hub/list"]({ repo: REPO, endpoint: hub.endpoint, ...access }, CancellationToken.None);
  if ("denied" in answer) throw new Error(answer.denied);
  return answer;
};
const install = async (
  change: Partial<Parameters<(typeof handlers)["hub/install"]>[0]> = {},
  token?: CancellationToken,
) => {
  const { commit } = await list();
  const params = {
    repo: REPO,
    commit,
    path: "model.safetensors",
    name: "r18",
    descriptors: "MG",
    endpoint: hub.endpoint,
  };
  return handlers["hub/install"]({ ...params, ...change }, token ?? CancellationToken.None);
};
const installed = async () => (await handlers["models/list"]({}, CancellationToken.None)).slice(1);

test("lists the weights of a repository with their sizes and the licence", async () => {
  expect(await list()).toMatchObject({
    repo: REPO,
    licence: "apache-2.0",
    files: [
      { path: "model.safetensors", bytes: weights.length },
      { path: "notes/other.safetensors", bytes: 5000 },
    ],
  });
  const catalogue = await handlers["hub/catalogue"]({}, CancellationToken.None);
  expect(catalogue).toHaveLength(10);
  expect(new Set(catalogue.map(({ repo }) => repo)).size).toBe(10);
});

test("downloads weights with progress, and installs a model that names its origin; the weights are gone then", async () => {
  expect(await install()).toBe("r18");
  const [model] = await installed();
  expect(model).toMatchObject({ name: "r18", problem: null });
  expect(model!.manifest!.descriptors.map(({ kind, dim }) => `${kind} ${dim}`)).toEqual(["MAC 512", "GeM 512"]);
  expect(model!.manifest!.weights).toMatchObject({ source: `hub ${REPO}, model.safetensors`, licence: "apache-2.0" });
  expect(progress[0]).toMatchObject({ repo: REPO, path: "model.safetensors", total: weights.length });
  expect(readdirSync(join(root, "weights"))).toEqual([]);
}, 60_000);

test("a cancelled download ends with an error, and the next one goes on from there", async () => {
  hub.faults.hangs = { after: 1_000_000 };
  const source = new CancellationTokenSource();
  const cancelled = install({}, source.token);
  for (let waited = 0; !progress.some(({ done }) => done > 0); waited++) {
    expect(waited).toBeLessThan(200);
    await new Promise((done) => setTimeout(done, 50));
  }
  source.cancel();
  await expect(cancelled).rejects.toMatchObject({ code: -32800 });
  expect(readdirSync(join(root, "weights"), { recursive: true }).some((name) => String(name).endsWith(".part"))).toBe(
    true,
  );
  hub.faults.hangs = undefined;
  expect(await install()).toBe("r18");
  expect(hub.requests.some((request) => request.includes("bytes="))).toBe(true);
}, 60_000);

test("weights of no known network, taken names and wrong descriptors are refused with a sentence", async () => {
  await expect(install({ path: "notes/other.safetensors" })).rejects.toThrow(/safetensors/);
  expect(readdirSync(join(root, "weights"))).toEqual([]);
  await expect(install({ path: "gone.safetensors" })).rejects.toThrow("has no file gone.safetensors");
  const asked = hub.requests.length;
  await expect(install({ name: "../up" })).rejects.toThrow("cannot be the name");
  await expect(install({ descriptors: "Q" })).rejects.toThrow('"Q" stands for no descriptor');
  // Refused before anything is downloaded.
  expect(hub.requests.slice(asked).filter((request) => request.includes("/cdn/"))).toEqual([]);
  expect(await installed()).toEqual([]);
  const check = (text: string) => handlers["models/checkDescriptors"]({ text }, CancellationToken.None);
  expect(await check("MG+RMAC")).toBe(null);
  expect(await check("Q")).toContain("stands for no descriptor");
  expect(await check("SMGSMGSMG")).toBe("A model has one to eight descriptors.");
}, 60_000);

test("a hub that cannot be reached is a sentence", async () => {
  const endpoint = hub.endpoint;
  await hub.close();
  await expect(handlers["hub/list"]({ repo: REPO, endpoint }, CancellationToken.None)).rejects.toThrow(
    "cannot be reached",
  );
  await expect(
    handlers["hub/list"]({ repo: REPO, endpoint: "http://hub.invalid", proxy: "no url" }, CancellationToken.None),
  ).rejects.toThrow("The proxy no url is not a URL");
});

/** A repository as transformers.js has it: the tower for images in three precisions, that for words, configurations. */
async function transformersRepository(more: Record<string, Uint8Array> = {}): Promise<void> {
  await hub.close();
  const network = new Uint8Array(net.classifier());
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  hub = await startHub(REPO, {
    "onnx/vision_model.onnx": network,
    "onnx/vision_model_fp16.onnx": network,
    "onnx/vision_model_quantized.onnx": network,
    "onnx/text_model.onnx": network,
    "tokenizer.json": json({ model: {} }),
    "config.json": json({ image_size: 16, license: "cc-by-nc-4.0" }),
    "preprocessor_config.json": json({
      image_processor_type: "BitImageProcessor",
      size: { shortest_edge: 20 },
      crop_size: 16,
      resample: 3,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
    }),
    ...more,
  });
}

test("an ONNX repository lists its networks in order of use, with precision, whole size, and licences that differ", async () => {
  await transformersRepository({ "../escape.onnx": net.classifier() });
  await expect(list()).rejects.toThrow(/answers something unknown/);
  await transformersRepository();
  const { files, licences } = await list();
  expect(files.map(({ path, precision }) => [path, precision])).toEqual([
    ["onnx/vision_model.onnx", "float32"],
    ["onnx/vision_model_fp16.onnx", "float16"],
    ["onnx/vision_model_quantized.onnx", "int8"],
    ["onnx/text_model.onnx", "float32"],
  ]);
  expect(files[0]!.bytes).toBeGreaterThan(net.classifier().length);
  expect(licences).toEqual([
    { text: "apache-2.0", where: "card", flag: null },
    { text: "cc-by-nc-4.0", where: "configuration", flag: "forbids" },
  ]);
});

test("an ONNX network is imported as it was trained, by the configurations that come with it", async () => {
  await transformersRepository();
  expect(await install({ path: "onnx/vision_model.onnx", name: "tower", descriptors: "SM" })).toBe("tower");
  const manifest = (await installed())[0]!.manifest!;
  expect(manifest.input).toMatchObject({ resize: { fit: "shortest", side: 20 }, kernel: "bicubic", width: 16 });
  expect(manifest.weights).toMatchObject({
    source: `hub ${REPO}, onnx/vision_model.onnx; preprocessing -1..1, rgb`,
    licence: "apache-2.0",
  });
  expect(readdirSync(join(root, "weights"))).toEqual([]);
}, 60_000);

test("a repository that asks who one is says so, and opens to a token", async () => {
  hub.faults.token = "hf_secret";
  const asked = { repo: REPO, endpoint: hub.endpoint };
  const denied = await handlers["hub/list"](asked, CancellationToken.None);
  expect(denied).toMatchObject({ denied: expect.stringMatching(/accept them on its page .* give an access token/) });
  expect((await list({ token: "hf_secret" })).files).toHaveLength(2);
  hub.faults.token = "another";
  expect(await handlers["hub/list"]({ ...asked, token: "hf_secret" }, CancellationToken.None)).toHaveProperty("denied");
});
