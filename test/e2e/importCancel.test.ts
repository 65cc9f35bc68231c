/** Cancel of an import in a real VS Code: of a network that never ends and of a large one, while it is looked into and while it is made. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { longNetwork } from "../fixtures/slowNetworks.ts";
import { chooseFile, keepPicture, openWindow, type TestWindow, told } from "./support/window.ts";

let scratch: string;
let window: TestWindow;
let models: string;
let temporary: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lookalike-networks-"));
  window = await openWindow({ fill: async (folder) => writeFileSync(join(folder, "notes.txt"), "no image") });
  models = join(window.env["XDG_DATA_HOME"] ?? "", "lookalike", "models");
  temporary = join(dirname(window.userData), "tmp");
});
afterAll(async () => {
  await window?.close();
  rmSync(scratch, { recursive: true, force: true });
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(window, task.name);
});

function network(name: string, bytes: Uint8Array): string {
  const file = join(scratch, name);
  writeFileSync(file, bytes);
  return file;
}

/** Command lines of the processes that look into networks for this window. */
function children(): string[] {
  const read = (pid: string, what: string) => {
    try {
      return readFileSync(join("/proc", pid, what), "utf8");
    } catch {
      return ""; // it has ended
    }
  };
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => read(pid, "environ").split("\0").includes(`TMPDIR=${temporary}`))
    .map((pid) => read(pid, "cmdline").replaceAll("\0", " "))
    .filter((line) => /dist.import/.test(line));
}

const leftBehind = () => readdirSync(temporary).filter((name) => name.startsWith("lookalike-"));
/** Beside the lock of those who change what is there. */
const installed = () => (existsSync(models) ? readdirSync(models).filter((name) => name !== "models.lock") : []);

async function choose(file: string): Promise<void> {
  await window.workbench.command("Lookalike: Import Model...");
  await chooseFile(window, file);
}

/** Waits until the work is under way in a process of its own, leaves it, and holds that nothing of it is left. */
async function cancel(title: string): Promise<void> {
  const progress = await told(window, title);
  await expect.poll(leftBehind).not.toEqual([]);
  if (process.platform === "linux") expect(children()).not.toEqual([]);
  await progress.getByRole("button", { name: "Cancel" }).click();
  await progress.waitFor({ state: "detached" });
  if (process.platform === "linux") await expect.poll(children).toEqual([]);
  await expect.poll(leftBehind).toEqual([]);
  expect(installed()).toEqual([]);
  // Who leaves is told no error.
  await expect.poll(() => window.page.locator(".notification-list-item").count()).toBe(0);
}

/** Answers all that is asked of a network after it was looked into. */
async function answerAll(name: string): Promise<void> {
  const input = window.page.locator(".quick-input-widget input").first();
  const asked = async (placeholder: string) => {
    await window.page.locator(`.quick-input-widget input[placeholder=${JSON.stringify(placeholder)}]`).waitFor();
    await window.page.keyboard.press("Enter");
  };
  await asked("What the model is to understand");
  await asked("What images are compared by");
  await window.page.locator(".quick-input-widget", { hasText: "Descriptors, in order" }).waitFor();
  await input.press("Enter");
  await asked("What the network wants to be fed; with a wrong one it finds less");
  await window.page.locator(".quick-input-widget", { hasText: "Name of the model" }).waitFor();
  await input.fill(name);
  await input.press("Enter");
  await window.page.locator(".monaco-dialog-box").getByRole("button", { name: "Install" }).click();
}

test("one that never ends is left while it is looked into", async () => {
  await choose(network("endless.onnx", longNetwork(0, 2, true)));
  await cancel("Looking into endless.onnx");
});

test("a large one is left while it is looked into and while it is made; then another is installed", async () => {
  const large = network("large.onnx", longNetwork(16, 24));
  await choose(large);
  await cancel("Looking into large.onnx");
  await choose(large);
  await answerAll("large");
  await cancel("Importing large.onnx");
  await choose(network("small.onnx", longNetwork(0, 4)));
  await answerAll("small");
  await expect.poll(installed).toEqual(["small.onnx"]);
  await expect.poll(leftBehind).toEqual([]);
});
