import { mkdirSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { ROOT } from "../../../scripts/lib/paths.mjs";

/** Names of themes, as VS Code writes them on a page's body, with colours of theirs. */
export const THEMES = {
  "vscode-light": "",
  "vscode-dark": `--vscode-foreground: #cccccc; --vscode-editor-background: #1f1f1f; --vscode-descriptionForeground: #9d9d9d;
    --vscode-dropdown-background: #313131; --vscode-dropdown-foreground: #cccccc; --vscode-dropdown-border: #3c3c3c;
    --vscode-menu-background: #1f1f1f; --vscode-menu-border: #454545; --vscode-editorWidget-background: #202020;
    --vscode-button-secondaryBackground: #313131; --vscode-button-secondaryForeground: #cccccc;
    --vscode-textLink-foreground: #4daafc; --vscode-errorForeground: #f85149; --vscode-list-hoverBackground: #2a2d2e;
    --vscode-input-background: #313131; --vscode-input-foreground: #cccccc;
    --vscode-testing-iconPassed: #73c991; --vscode-testing-iconFailed: #f14c4c;
    --vscode-list-activeSelectionBackground: #04395e; --vscode-list-activeSelectionForeground: #ffffff;
    --vscode-list-inactiveSelectionBackground: #37373d; --vscode-editorGroup-border: #ffffff17;`,
  "vscode-high-contrast": `--vscode-foreground: #ffffff; --vscode-editor-background: #000000; --vscode-descriptionForeground: #ffffff;
    --vscode-contrastBorder: #6fc3df; --vscode-contrastActiveBorder: #f38518; --vscode-focusBorder: #f38518;
    --vscode-dropdown-background: #000000; --vscode-dropdown-foreground: #ffffff; --vscode-dropdown-border: #6fc3df;
    --vscode-menu-background: #000000; --vscode-menu-border: #6fc3df; --vscode-editorWidget-background: #0c141f;
    --vscode-button-secondaryBackground: #000000; --vscode-button-secondaryForeground: #ffffff;
    --vscode-textLink-foreground: #21a6ff; --vscode-errorForeground: #f48771; --vscode-list-hoverBackground: #1f1f1f;
    --vscode-input-background: #000000; --vscode-input-foreground: #ffffff; --vscode-input-border: #6fc3df;
    --vscode-testing-iconPassed: #73c991; --vscode-testing-iconFailed: #f14c4c;
    --vscode-list-activeSelectionBackground: transparent; --vscode-list-activeSelectionForeground: #ffffff;
    --vscode-list-inactiveSelectionBackground: transparent; --vscode-editorGroup-border: #6fc3df;`,
};

/** Gives a page the colours of a theme. */
export async function dress(page: Page, theme: keyof typeof THEMES): Promise<void> {
  await page.evaluate(
    ([name, colours]) => {
      document.body.className = name!;
      document.documentElement.setAttribute("style", colours!);
    },
    [theme, THEMES[theme]],
  );
}

/** What is wrong with a page as it stands: what axe finds, and what lies outside of its width. A picture of it is in out/logs. */
export async function flaws(page: Page, picture: string): Promise<string[]> {
  mkdirSync(join(ROOT, "out", "logs"), { recursive: true });
  await page.screenshot({ path: join(ROOT, "out", "logs", `${picture}.png`) });
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(
      document.body.firstElementChild!,
    );
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
    return document.body.scrollWidth <= innerWidth ? found : [...found, `${document.body.scrollWidth} wide`];
  });
}
