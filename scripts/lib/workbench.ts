/** Hands for a VS Code window in a browser page: what a user does, and waits on what a user sees. */
import type { FrameLocator, Locator, Page } from "playwright-core";

/** Colour themes by short name: their label, and the class that the workbench has in them. */
export const THEMES = {
  light: { label: "Light Modern", className: "vs" },
  dark: { label: "Dark Modern", className: "vs-dark" },
  "high-contrast": { label: "Dark High Contrast", className: "hc-black" },
} as const;

export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens a window and waits for its Explorer. @param empty the window has no folder: its side bar is closed */
  async open(address: string, empty = false): Promise<void> {
    await this.page.goto(address);
    const there = empty ? ".editor-group-watermark" : ".explorer-folders-view .monaco-list-row";
    await this.page.locator(there).first().waitFor({ timeout: 60_000 });
  }

  /** Changes the colour theme as a user does; a window with an extension under development does not take it from the settings. */
  async theme(name: keyof typeof THEMES): Promise<void> {
    const { label, className } = THEMES[name];
    await this.command("Preferences: Color Theme");
    const input = this.page.locator('.quick-input-widget input[placeholder*="Theme"]').first();
    await input.fill(label);
    await this.page
      .getByRole("option", { name: startingWith(label) })
      .first()
      .click();
    await this.page.locator(`.monaco-workbench.${className}`).waitFor();
  }

  /** A file or folder in the Explorer, by the end of its path. */
  row(path: string): Locator {
    const label = this.page.locator(`.monaco-icon-label[aria-label$=${JSON.stringify(`/${path}`)}]`);
    return this.page.locator(".explorer-folders-view .monaco-list-row", { has: label }).first();
  }

  /** Opens a folder in the Explorer. */
  async expand(name: string): Promise<void> {
    const row = this.row(name);
    if ((await row.getAttribute("aria-expanded")) !== "true") await row.click();
  }

  /** Picks an entry of the menu that a right-click on `target` opens. */
  async contextMenu(target: Locator, entry: string): Promise<void> {
    const item = this.page.locator(".monaco-menu .action-item", { hasText: entry }).first();
    // An open menu never changes, and the extension may not be registered yet: open it again until it is. A new menu
    // ignores the mouse for a moment, so that the click that opened it picks nothing: click until it closes.
    await this.#insist(async () => {
      if (!(await item.isVisible())) await target.click({ button: "right" });
      await item.waitFor({ timeout: 3000 });
      await item.click({ timeout: 3000 });
      await item.waitFor({ state: "hidden", timeout: 3000 });
    }, item);
  }

  /** Runs a command by its title in the Command Palette. */
  async command(title: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input").first();
    const option = this.page.getByRole("option", { name: startingWith(title) }).first();
    // An open palette never learns of commands, and a page that is being loaded swallows the key.
    await this.#insist(async () => {
      await this.page.keyboard.press("F1");
      await input.waitFor({ timeout: 3000 });
      await input.fill(`>${title}`);
      await option.click({ timeout: 5000 });
    });
  }

  /** Picks an entry of the open quick pick by the beginning of its label. */
  async pick(label: string): Promise<void> {
    const entry = this.page.locator(".quick-input-widget .monaco-list-row", { hasText: label }).first();
    await entry.click();
    await entry.waitFor({ state: "hidden" });
  }

  /** Closes a tab by its title. */
  async closeTab(title: string): Promise<void> {
    const tab = this.page.locator(".tab", { hasText: title });
    await tab.waitFor();
    // A click while the columns are laid out anew may hit nothing.
    await this.#insist(async () => {
      if ((await tab.count()) > 0) await tab.locator(".codicon-close-small").click({ timeout: 5000 });
      await tab.waitFor({ state: "detached", timeout: 5000 });
    });
  }

  /** Closes the tab that is open in the first or the last of two columns, and with it the column. */
  async closeColumn(which: "first" | "last"): Promise<void> {
    const columns = this.page.locator(".editor-group-container");
    await columns.nth(1).waitFor();
    await this.#insist(async () => {
      if ((await columns.count()) > 1) {
        await columns[which]().locator('.tab[aria-selected="true"] .codicon-close-small').click({ timeout: 5000 });
      }
      await columns.nth(1).waitFor({ state: "detached", timeout: 5000 });
    });
  }

  /** Tries again what depends on the extension being registered; what has opened is closed before, unless it is `open`. */
  async #insist(act: () => Promise<void>, open?: Locator): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        if (attempt >= 12) throw error;
        if (!(await open?.isVisible())) await this.page.keyboard.press("Escape");
      }
    }
  }

  /** The page inside our visible webview; VS Code's own preview of an image is a webview too. */
  webview(): FrameLocator {
    const ours = 'iframe.webview.ready[src*="extensionId=lookalike.lookalike"]';
    return this.page.frameLocator(ours).frameLocator("iframe#active-frame");
  }

  /** The label in the tab of an open image; it is italic while the editor is a preview. */
  tab(path: string): Locator {
    const [name, folder] = path.split("/").reverse();
    const label = folder === undefined ? ".tab-label" : `.tab-label.${folder}-name-dir-icon`;
    return this.page.locator(`.tab[data-resource-name=${JSON.stringify(name)}] ${label}`).first();
  }

  /** Text of the status bar's entry. */
  status(): Locator {
    return this.page.locator(".statusbar-item", { hasText: /images · CPU/ }).first();
  }

  /** Waits until the similar page shows the lists of a query, by its path, and nothing is under way. */
  async results(query: string): Promise<FrameLocator> {
    const view = this.webview();
    await view.locator("header .path", { hasText: query }).waitFor({ timeout: 60_000 });
    await view.locator('.lists[aria-busy="false"] .card').first().waitFor({ timeout: 90_000 });
    await view.locator(".progress").waitFor({ state: "detached", timeout: 90_000 });
    return view;
  }
}

/** Matches the label of a list entry: the title, perhaps with a key binding or a description behind it. */
function startingWith(title: string): RegExp {
  return new RegExp(`^${title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(,|$)`);
}
