/** Import Model in a real VS Code: what is found in a transformer is shown, its first choice is right, and no guess goes unsaid. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { readManifest } from "../../src/core/model/index.ts";
import { writeTokenNetwork } from "../fixtures/tokenNetwork.ts";
import { chooseFile, keepPicture, openWindow, type TestWindow } from "./support/window.ts";

let scratch: string;
let window: TestWindow;
let models: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lookalike-networks-"));
  window = await openWindow({ fill: async (folder) => writeFileSync(join(folder, "notes.txt"), "no image") });
  models = join(window.env["XDG_DATA_HOME"] ?? "", "lookalike", "models");
});
afterAll(async () => {
  await window?.close();
  rmSync(scratch, { recursive: true, force: true });
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

const rows = () => window.page.locator(".quick-input-widget .monaco-list-row");

/** Waits for a question, and reads what is offered, each with all that stands beside it. */
async function offered(question: string): Promise<string[]> {
  await window.page.locator(`.quick-input-widget input[placeholder=${JSON.stringify(question)}]`).waitFor();
  return rows().evaluateAll((all) => all.map((row) => row.getAttribute("aria-label") ?? ""));
}

/** Takes what an input box proposes, or something else. */
async function answer(prompt: string, text?: string): Promise<void> {
  await window.page.locator(".quick-input-widget", { hasText: prompt }).waitFor();
  const input = window.page.locator(".quick-input-widget input").first();
  if (text !== undefined) await input.fill(text);
  await input.press("Enter");
}

/** From the command to the values that a network has. */
async function look(file: string): Promise<string[]> {
  await window.workbench.command("Lookalike: Import Model...");
  await chooseFile(window, file);
  await offered("What the model is to understand");
  await window.workbench.pick("Pictures only");
  return offered("What images are compared by");
}

const dialog = () => window.page.locator(".monaco-dialog-box");

test("patch tokens stand first, without the others; the configuration beside the file says how it is fed", async () => {
  const values = await look(writeTokenNetwork(join(scratch, "told")));
  expect(values[0]).toContain("24 × 6 × 6, last_hidden_state");
  expect(values[0]).toContain(
    "patch tokens by LayerNormalization, as a feature map · 5 other tokens are left out · recognised",
  );
  expect(values.find((each) => each.includes(", patches"))).toContain("of the first layer: colours and edges only");
  expect(values.find((each) => each.includes("pooler_output"))).toContain("without SPoC, MAC and GeM");
  await window.page.keyboard.press("Enter");
  await answer("Descriptors, in order");
  const [first] = await offered("What the network wants to be fed; with a wrong one it finds less");
  expect(first).toContain("as trained, RGB, recognised: ../preprocessor_config.json says so");
  expect(first).toContain("mean 0.5 0.4 0.3, standard deviation 0.25 0.2 0.3");
  await window.page.keyboard.press("Enter");
  await answer("Name of the model", "transformer");

  await dialog().waitFor();
  const summary = await dialog().textContent();
  expect(summary).toContain("Branches SMG of 24 values each, on a map of 6 × 6 positions");
  expect(summary).toContain("fed as in its training, RGB: ../preprocessor_config.json says so");
  expect(summary).toContain("Licence, as the card beside it says: apache-2.0");
  expect(summary).not.toContain("guess");
  expect(existsSync(join(models, "transformer.onnx"))).toBe(false);
  await dialog().getByRole("button", { name: "Install" }).click();
  const made = join(models, "transformer.onnx");
  await expect.poll(() => existsSync(made)).toBe(true);
  const { descriptors, input, weights } = readManifest(readFileSync(made), made);
  expect(descriptors.map(({ kind, dim }) => [kind, dim])).toEqual([
    ["SPoC", 24],
    ["MAC", 24],
    ["GeM", 24],
  ]);
  expect(input.resize).toMatchObject({ fit: "shortest", side: 56 });
  expect(weights.licence).toBe("apache-2.0");
});

test("where nothing says how it is fed, the guess is said with what it rests on; leaving installs nothing", async () => {
  await look(writeTokenNetwork(join(scratch, "broken"), "broken"));
  await window.workbench.pick("24 × 6 × 6");
  await answer("Descriptors, in order", "MG");
  const [first] = await offered("What the network wants to be fed; with a wrong one it finds less");
  expect(first).toContain("imagenet, RGB, a guess: lookalike wrote it");
  await window.page.keyboard.press("Enter");
  await answer("Name of the model", "guessed");
  await dialog().waitFor();
  const summary = await dialog().textContent();
  expect(summary).toContain("fed as imagenet, RGB: a guess, lookalike wrote it");
  expect(summary).toContain("preprocessor_config.json cannot be read and is passed over");
  expect(summary).toContain("Its licence does not stand in the file");
  await dialog().getByRole("button", { name: "Cancel" }).click();
  await dialog().waitFor({ state: "detached" });
  expect(existsSync(join(models, "guessed.onnx"))).toBe(false);
});

test("a map of the first layer can be taken, and says what it is once more before it is installed", async () => {
  await look(writeTokenNetwork(join(scratch, "early"), false));
  await rows().filter({ hasText: "of the first layer" }).first().click();
  await answer("Descriptors, in order");
  await offered("What the network wants to be fed; with a wrong one it finds less");
  await window.workbench.pick("0..1, RGB");
  await answer("Name of the model");
  await dialog().waitFor();
  const summary = await dialog().textContent();
  expect(summary).toContain("Of the first layer: colours and edges only");
  expect(summary).toContain("fed as 0..1, RGB: as you chose");
  await dialog().getByRole("button", { name: "Cancel" }).click();
});
