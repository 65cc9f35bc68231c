import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { downloadCommand } from "../../../src/cli/model/downloadCommand.ts";
import { openRepository, sizeOfText, textTowerOf } from "../../../src/core/model/hub/index.ts";
import { installFromHub, ModelShelf } from "../../../src/core/models/index.ts";
import { COMMIT, type HubServer, startHub } from "../../fixtures/hub/server.ts";
import { writeTwoTowers } from "../../fixtures/twoTowers.ts";

const REPO = "Someone/two-towers";
let hub: HubServer;
let root: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-two-"));
  const at = join(root, "source");
  writeTwoTowers(at);
  const read = (path: string) => readFileSync(join(at, path));
  const paths = ["onnx/vision_model.onnx", "onnx/text_model.onnx", "tokenizer.json", "tokenizer_config.json"];
  const files = Object.fromEntries([...paths, "preprocessor_config.json"].map((path) => [path, read(path)]));
  hub = await startHub(REPO, {
    ...files,
    "onnx/text_model_fp16.onnx": read("onnx/text_model.onnx"),
    "config.json": Buffer.from("{}"),
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await hub.close();
  rmSync(root, { recursive: true });
});

test("the tower for words of the same precision belongs to a tower for images", async () => {
  const repository = await openRepository(REPO, { endpoint: hub.endpoint });
  const find = (path: string) => textTowerOf(repository, repository.files.find((file) => file.path === path)!)?.path;
  expect(find("onnx/vision_model.onnx")).toBe("onnx/text_model.onnx");
  expect(find("onnx/text_model.onnx")).toBeUndefined();
  const immich = {
    files: ["visual/model.onnx", "textual/model.onnx"].map((path) => ({ ...repository.files[0]!, path })),
  };
  expect(textTowerOf(immich, immich.files[0]!)?.path).toBe("textual/model.onnx");
  const text = repository.files.find(({ path }) => path === "onnx/text_model.onnx")!;
  const beside = ["config.json", "tokenizer.json", "tokenizer_config.json"];
  const bytes = repository.companions
    .filter(({ path }) => beside.includes(path))
    .reduce((sum, { size }) => sum + size, 0);
  expect(sizeOfText(repository, text)).toBe(text.size + bytes);
});

test("a model comes from the hub with its text tower", async () => {
  const shelf = new ModelShelf(join(root, "none.onnx"), join(root, "models"));
  const asked = { repo: REPO, commit: COMMIT, path: "onnx/vision_model.onnx", name: "both", descriptors: "SMG+V" };
  const options = { endpoint: hub.endpoint };
  await expect(installFromHub(shelf, { ...asked, text: "onnx/gone.onnx" }, options)).rejects.toThrow(
    /no file onnx\/gone/,
  );
  expect(await installFromHub(shelf, { ...asked, text: "onnx/text_model.onnx" }, options)).toBe("both");
  expect(existsSync(join(root, "models", "both.text"))).toBe(true);
  const [, both] = await shelf.list();
  expect(both?.manifest?.text?.branch).toBe("vector");
});

test("the command line brings both, or says that there are not two", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
  const options = { endpoint: hub.endpoint, folder: join(root, "got"), file: "onnx/vision_model.onnx", text: true };
  await downloadCommand(REPO, options);
  expect(log.mock.calls.flat().join("\n")).toContain(join(root, "got", "onnx", "text_model.onnx"));
  for (const path of ["onnx/text_model.onnx", "tokenizer.json", "tokenizer_config.json", "preprocessor_config.json"]) {
    expect(existsSync(join(root, "got", path))).toBe(true);
  }
  const { folder: _, ...loose } = options;
  await expect(downloadCommand(REPO, loose)).rejects.toThrow(/give --folder/);
  await expect(downloadCommand(REPO, { ...options, file: "onnx/text_model.onnx" })).rejects.toThrow(
    /no tower for words beside/,
  );
});
