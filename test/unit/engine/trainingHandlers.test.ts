import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CancellationToken, CancellationTokenSource } from "vscode-jsonrpc/node";
import { Folders } from "../../../src/engine/folders.ts";
import { engineHandlers } from "../../../src/engine/handlers.ts";
import { REQUEST_CANCELLED, TRAINING_DEFAULTS, type TrainingOptions } from "../../../src/shared/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

/** Images of each class. */
const CLASSES = { a: 3, b: 2, c: 4, d: 1, e: 2 };

let root: string;
let handlers: ReturnType<typeof engineHandlers>;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-training-"));
  for (const [name, count] of Object.entries(CLASSES)) {
    mkdirSync(join(root, "images", name), { recursive: true });
    for (let i = 0; i < count; i++) {
      const background = { r: 60 * i, g: 10 * name.charCodeAt(0) - 900, b: 90 };
      await sharp({ create: { width: 8, height: 8, channels: 3, background } })
        .png()
        .toFile(join(root, "images", name, `${i}.png`));
    }
  }
  writeFileSync(join(root, "model.onnx"), tinyModel("model", "SM"));
  handlers = engineHandlers(new Folders(join(root, "model.onnx"), () => {}, join(root, "models")), () => {});
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const count = (change: Partial<TrainingOptions> = {}, token = CancellationToken.None) =>
  handlers["training/data"](
    { options: { ...TRAINING_DEFAULTS, folder: join(root, "images"), device: "cpu", ...change } },
    token,
  );

test("counts classes and images, and estimates the time with the model", async () => {
  const data = await count();
  expect(data).toMatchObject({ classes: 5, images: 12, singletons: 1, problem: null });
  expect(data.trainImages + data.testImages).toBe(12);
  expect(data.trainClasses + data.testClasses).toBe(5);
  expect(data.seconds).toBeGreaterThan(0);
});

test("what cannot be trained on says why; without a model there is no estimate", async () => {
  expect((await count({ model: "no such model" })).seconds).toBeNull();
  const { problem, seconds } = await count({ folder: join(root, "images", "a") });
  expect(problem).toMatch(/class/);
  expect(seconds).toBeNull();
  await expect(count({ folder: join(root, "nowhere") })).rejects.toThrow("nowhere");
});

test("a cancelled count ends as one", async () => {
  const source = new CancellationTokenSource();
  source.cancel();
  await expect(count({}, source.token)).rejects.toMatchObject({ code: REQUEST_CANCELLED });
});
