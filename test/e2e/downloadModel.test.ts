/** Download Model against a hub on this machine, and words in the model that it brought, in a real VS Code. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ensureDefaultModel } from "../../scripts/buildModel.ts";
import { ModelShelf } from "../../src/core/models/index.ts";
import { type HubServer, startHub } from "../fixtures/hub/server.ts";
import { writeTwoTowers } from "../fixtures/twoTowers.ts";
import { pathsIn } from "./support/similarWindow.ts";
import { keepPicture, openWindow, type TestWindow } from "./support/window.ts";

const REPO = "Someone/two-towers";
const COLOURS = { red: [230, 20, 20], green: [20, 230, 20], blue: [20, 20, 230] } as const;

let hub: HubServer;
let scratch: string;
let window: TestWindow;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lookalike-hub-"));
  writeTwoTowers(scratch);
  const paths = ["onnx/vision_model.onnx", "onnx/text_model.onnx", "tokenizer.json", "tokenizer_config.json"];
  const files = [...paths, "preprocessor_config.json"].map(
    (path) => [path, readFileSync(join(scratch, path))] as const,
  );
  hub = await startHub(REPO, Object.fromEntries(files), { license: "cc-by-nc-4.0" });
  process.env["HF_ENDPOINT"] = hub.endpoint;
  window = await openWindow({
    fill: async (folder) => {
      mkdirSync(folder, { recursive: true });
      for (const [name, [r, g, b]] of Object.entries(COLOURS)) {
        for (let i = 0; i < 5; i++) {
          const background = { r, g: g + 4 * i, b };
          const image = sharp({ create: { width: 24, height: 24, channels: 3, background } });
          await image.png().toFile(join(folder, `${name}-${i}.png`));
        }
      }
    },
  });
  window.page.setDefaultTimeout(20_000);
}, 180_000);
afterAll(async () => {
  await window?.close();
  await hub?.close();
  rmSync(scratch, { recursive: true, force: true });
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

const input = () => window.page.locator(".quick-input-widget input").first();

/** Waits for the step with this title or text, and answers it. */
async function step(text: string, answer?: string): Promise<void> {
  const widget = window.page.locator(".quick-input-widget", { hasText: text });
  await widget.waitFor();
  if (answer !== undefined) await input().fill(answer);
  await input().press("Enter");
}

test("a repository is listed, its licence told, and both towers become a model that is used", async () => {
  const { page, workbench } = window;
  await workbench.command("Lookalike: Download Model...");
  await page.locator(".quick-input-widget", { hasText: "DINOv2 S" }).waitFor();
  await input().fill("Another repository");
  await input().press("Enter");
  await step("Repository on the hub", REPO);
  await step("onnx/vision_model.onnx", "vision");
  // It forbids products: the user has to say that this is known.
  const dialog = page.locator(".monaco-dialog-box", { hasText: "cc-by-nc-4.0" });
  await dialog.waitFor();
  await dialog.getByRole("button", { name: "Download" }).click();
  await step("Pictures and words");
  await step("Descriptors, in order");
  await step("Name of the model", "towers");
  const models = join(window.env["XDG_DATA_HOME"] ?? "", "lookalike", "models");
  await expect.poll(() => existsSync(join(models, "towers.onnx")), { timeout: 60_000 }).toBe(true);
  expect(existsSync(join(models, "towers.text"))).toBe(true);
  // It is offered for use; a user who let that pass chooses it among the models.
  await workbench.command("Lookalike: Select Model...");
  await step("Model for", "towers");
  await step("Use towers for");
  const shelf = new ModelShelf(ensureDefaultModel(), models);
  await expect
    .poll(async () => (await shelf.list(window.folder)).find(({ selected }) => selected)?.name)
    .toBe("towers");
});

test("words find what they name, and another word is like nothing here", async () => {
  const { workbench } = window;
  await workbench.command("Lookalike: Search by Words...");
  await step("What the pictures show", "green");
  const view = workbench.webview();
  await view.locator("h1", { hasText: "green" }).waitFor();
  await expect.poll(() => pathsIn(view, "combined"), { timeout: 120_000 }).toHaveLength(15);
  const first = async () => (await pathsIn(view, "combined")).slice(0, 5).map((path) => path.split("-")[0]);
  expect(new Set(await first())).toEqual(new Set(["green"]));
  expect(await view.locator(".words-notes").textContent()).toContain("Words rank in Vector only");
  const field = view.getByRole("searchbox", { name: "Search by words" });
  await field.fill("blue");
  await field.press("Enter");
  await view.locator(".words .chip").nth(1).waitFor();
  await view.getByRole("button", { name: "Remove green" }).click();
  await expect.poll(first).toEqual(["blue", "blue", "blue", "blue", "blue"]);
});
