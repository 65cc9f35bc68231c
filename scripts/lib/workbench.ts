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

  /** Opens a window and waits for its Explorer. */
  async open(address: string): Promise<void> {
    await this.page.goto(address);
    await this.page.locator(".explorer-folders-view .monaco-list-row").first().waitFor({ timeout: 60_000 });
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

  /** A file or folder in the Explorer. */
  row(name: string): Locator {
    return this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).first();
  }

  /** Opens a folder in the Explorer. */
  async expand(name: string): Promise<void> {
    const row = this.row(name);
    if ((await row.getAttribute("aria-expanded")) !== "true") await row.click();
  }

  /** Picks an entry of the menu that a right-click on `target` opens. */
  async contextMenu(target: Locator, entry: string): Promise<void> {
    const item = this.page.locator(".monaco-menu .action-item", { hasText: entry }).first();
    // An open menu never changes, and the extension may not be registered yet: open it again until it is.
    for (let attempt = 0; ; attempt++) {
      await target.click({ button: "right" });
      try {
        await item.waitFor({ timeout: 3000 });
        break;
      } catch (error) {
        if (attempt >= 12) throw error;
        await this.page.keyboard.press("Escape");
      }
    }
    await item.click();
  }

  /** Runs a command by its title in the Command Palette. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input").first();
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.page
      .getByRole("option", { name: startingWith(title) })
      .first()
      .click({ timeout: 30_000 });
  }

  /** The page inside the visible webview. */
  webview(): FrameLocator {
    return this.page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  }

  /** The tab of an editor. */
  tab(name: string): Locator {
    return this.page.locator(".tabs-container .tab", { hasText: name }).first();
  }

  /** Text of the status bar's entry. */
  status(): Locator {
    return this.page.locator(".statusbar-item", { hasText: /images · CPU/ }).first();
  }

  /** Waits until the similar page shows its lists and nothing is under way. */
  async results(query: string): Promise<FrameLocator> {
    const view = this.webview();
    await view.locator("h1", { hasText: query }).waitFor({ timeout: 60_000 });
    await view.locator('.lists[aria-busy="false"] .card').first().waitFor({ timeout: 90_000 });
    await view.locator(".progress").waitFor({ state: "detached", timeout: 90_000 });
    return view;
  }
}

/** Matches the label of a list entry: the title, perhaps with a key binding or a description behind it. */
function startingWith(title: string): RegExp {
  return new RegExp(`^${title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(,|$)`);
}
