/** A VS Code window with the built extension on a folder of its own, for one test file. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { ensureDefaultModel } from "../../../scripts/buildModel.ts";
import { launchBrowser } from "../../../scripts/lib/browser.ts";
import { type CodeServer, type CodeServerOptions, startCodeServer } from "../../../scripts/lib/codeServer.ts";
import { ROOT } from "../../../scripts/lib/paths.mjs";
import { Workbench } from "../../../scripts/lib/workbench.ts";
import type { EmojiFolder } from "../../fixtures/emoji.ts";
import { copyIndexed } from "../../fixtures/keptIndexes.ts";

export interface TestWindow {
  readonly page: Page;
  readonly workbench: Workbench;
  /** The workspace folder; empty unless `fill` put something there. */
  readonly folder: string;
  /** Variables that make the command line use the same index. */
  readonly env: NodeJS.ProcessEnv;
  readonly address: string;
  /** Holds what VS Code keeps of a user, the extension's storage among it. */
  readonly userData: string;
  close(): Promise<void>;
}

export interface WindowOptions extends Omit<CodeServerOptions, "env"> {
  readonly fill?: (folder: string) => Promise<void>;
  /** Name of the workspace folder. */
  readonly name?: string;
  /** Names of folders in the folder, which the window opens instead of it. */
  readonly roots?: readonly string[];
  /** The window opens no folder. */
  readonly empty?: boolean;
}

export async function openWindow({
  fill,
  name = "images",
  roots,
  empty = false,
  ...options
}: WindowOptions = {}): Promise<TestWindow> {
  const scratch = mkdtempSync(join(tmpdir(), "lookalike-e2e-"));
  const folder = join(scratch, name);
  mkdirSync(folder);
  await fill?.(folder);
  const workspace = join(scratch, "several.code-workspace");
  if (roots !== undefined) {
    writeFileSync(workspace, JSON.stringify({ folders: roots.map((root) => ({ path: join(folder, root) })) }));
  }
  const env = { XDG_DATA_HOME: join(scratch, "data") };
  const development = options.vsix === undefined ? { extensionDevelopmentPath: ROOT } : {};
  let server: CodeServer | undefined;
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await server?.stop();
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    server = await startCodeServer({ ...options, env });
    browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    // A loaded machine takes its time.
    page.setDefaultTimeout(60_000);
    const workbench = new Workbench(page);
    const opened = empty ? undefined : roots === undefined ? folder : workspace;
    const address = server.address(opened, development);
    await workbench.open(address, empty);
    return { page, workbench, folder, env, address, userData: server.userData, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Opens a window on a folder of drawings whose index is there: for tests that are not about indexing.
 * @param add puts more into the folder, which is indexed too
 */
export function openIndexed(drawings: EmojiFolder, add: (target: string) => void = () => {}): Promise<TestWindow> {
  return openWindow({
    fill: (target) => copyIndexed(drawings, ensureDefaultModel(), target, indexesBeside(target), () => add(target)),
  });
}

/** Where the extension of a window keeps its indexes. @param folder the window's */
export function indexesBeside(folder: string): string {
  return join(dirname(folder), "data", "lookalike", "indexes");
}

/** Trusts the folder in VS Code's own editor for that, which is open, and closes it. */
export async function trustFolder({ page }: TestWindow): Promise<void> {
  await page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true }).first().click();
  await page.locator(".workspace-trust-editor", { hasText: "You trust this folder" }).waitFor();
  await page
    .locator(".monaco-modal-editor-block")
    .getByRole("button", { name: /^Close/ })
    .click();
  await page.locator(".workspace-trust-editor").waitFor({ state: "hidden" });
}

/** The message of VS Code that says this, perhaps a progress; windows under development show messages in their list only. */
export async function told({ page, workbench }: TestWindow, text: string | RegExp): Promise<Locator> {
  const message = page.locator(".notification-list-item", { hasText: text }).first();
  const shown = async () => {
    if (!(await message.isVisible())) await workbench.command("Notifications: Show Notifications");
    return message.isVisible();
  };
  await expect.poll(shown, { timeout: 90_000, interval: 1000 }).toBe(true);
  return message;
}

/** Types a path into VS Code's own dialog for files. */
export async function chooseFile({ page }: TestWindow, path: string): Promise<void> {
  const input = page.locator(".quick-input-widget input").first();
  await input.waitFor();
  // The dialog writes a name of its own some time after it opens, over whatever was typed before.
  await expect.poll(() => input.inputValue()).not.toBe("");
  const typed = async () => {
    await input.fill(path);
    await page.waitForTimeout(500);
    return input.inputValue();
  };
  await expect.poll(typed).toBe(path);
  // While the dialog lists the folder it takes no answer.
  const answered = async () => {
    await input.press("Enter");
    await page.waitForTimeout(300);
    return !(await input.isVisible()) || (await input.inputValue()) !== path;
  };
  await expect.poll(answered).toBe(true);
}

/** Types a path into VS Code's own save dialog, and waits for the file. */
export async function saveAs(window: TestWindow, path: string): Promise<void> {
  await chooseFile(window, path);
  // VS Code makes the file first and fills it then.
  await expect.poll(() => existsSync(path) && statSync(path).size > 0).toBe(true);
}

/** Keeps a picture of what went wrong. */
export async function keepPicture(window: TestWindow, name: string): Promise<void> {
  const folder = join(ROOT, "out", "logs");
  mkdirSync(folder, { recursive: true });
  await window.page.screenshot({ path: join(folder, `${name.replace(/\W+/g, "-")}.png`) });
}

/** Waits until VS Code has written down this part of a panel's state: in a browser it does so seconds after a change, when idle. */
export async function untilKept({ page }: TestWindow, part: string): Promise<void> {
  const holds = async (text: string): Promise<boolean> => {
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((done, fail) => {
        request.onsuccess = () => done(request.result);
        request.onerror = () => fail(request.error);
      });
    for (const { name = "" } of await indexedDB.databases()) {
      if (!name.startsWith("vscode-web-state-db")) continue;
      const database = await settled(indexedDB.open(name));
      const stores = [...database.objectStoreNames];
      const values = await Promise.all(
        stores.map((store) => settled(database.transaction(store).objectStore(store).getAll())),
      );
      database.close();
      // JSON in JSON, several times over.
      if (JSON.stringify(values).replaceAll("\\", "").includes(text)) return true;
    }
    return false;
  };
  const kept = async () => {
    // Every five seconds, but only while the window itself has the focus, which a page inside of it may have taken along.
    await page.bringToFront();
    await page.evaluate(() => globalThis.focus());
    return page.evaluate(holds, part);
  };
  await expect.poll(kept, { interval: 500, timeout: 90_000 }).toBe(true);
}
