import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT } from "../../../scripts/lib/paths.mjs";
import { axeProblems, type Rules } from "./axe.ts";

/** Names of themes, as VS Code writes them on a page's body, with colours of theirs. */
export const THEMES = {
  "vscode-light": "--vscode-charts-blue: #1a85ff; --vscode-charts-orange: #b26011;",
  "vscode-dark": `--vscode-foreground: #cccccc; --vscode-editor-background: #1f1f1f; --vscode-descriptionForeground: #9d9d9d;
    --vscode-dropdown-background: #313131; --vscode-dropdown-foreground: #cccccc; --vscode-dropdown-border: #3c3c3c;
    --vscode-menu-background: #1f1f1f; --vscode-menu-border: #454545; --vscode-editorWidget-background: #202020;
    --vscode-button-secondaryBackground: #313131; --vscode-button-secondaryForeground: #cccccc;
    --vscode-textLink-foreground: #4daafc; --vscode-errorForeground: #f85149; --vscode-list-hoverBackground: #2a2d2e;
    --vscode-input-background: #313131; --vscode-input-foreground: #cccccc;
    --vscode-testing-iconPassed: #73c991; --vscode-testing-iconFailed: #f14c4c;
    --vscode-charts-blue: #3794ff; --vscode-charts-orange: #d18616;
    --vscode-list-activeSelectionBackground: #04395e; --vscode-list-activeSelectionForeground: #ffffff;
    --vscode-list-inactiveSelectionBackground: #37373d; --vscode-editorGroup-border: #ffffff17;`,
  "vscode-high-contrast": `--vscode-foreground: #ffffff; --vscode-editor-background: #000000; --vscode-descriptionForeground: #ffffff;
    --vscode-contrastBorder: #6fc3df; --vscode-contrastActiveBorder: #f38518; --vscode-focusBorder: #f38518;
    --vscode-dropdown-background: #000000; --vscode-dropdown-foreground: #ffffff; --vscode-dropdown-border: #6fc3df;
    --vscode-menu-background: #000000; --vscode-menu-border: #6fc3df; --vscode-editorWidget-background: #0c141f;
    --vscode-button-secondaryBackground: #000000; --vscode-button-secondaryForeground: #ffffff;
    --vscode-textLink-foreground: #21a6ff; --vscode-errorForeground: #f48771; --vscode-list-hoverBackground: #1f1f1f;
    --vscode-input-background: #000000; --vscode-input-foreground: #ffffff; --vscode-input-border: #6fc3df;
    --vscode-button-border: #6fc3df; --vscode-charts-blue: #21a6ff; --vscode-charts-orange: #f38518;
    --vscode-testing-iconPassed: #73c991; --vscode-testing-iconFailed: #f14c4c;
    --vscode-list-activeSelectionBackground: transparent; --vscode-list-activeSelectionForeground: #ffffff;
    --vscode-list-inactiveSelectionBackground: transparent; --vscode-editorGroup-border: #6fc3df;`,
};

/** Gives a page the colours of a theme. */
async function dress(page: Page, theme: keyof typeof THEMES): Promise<void> {
  await page.evaluate(
    ([name, colours]) => {
      document.body.className = name!;
      // A page in a side bar has no ground of its own.
      document.documentElement.setAttribute("style", `${colours}; background: var(--vscode-editor-background)`);
    },
    [theme, THEMES[theme]],
  );
}

/** What is wrong with a page as it stands: what axe finds, and what lies outside of its width. A picture of it is in out/logs. */
async function flaws(page: Page, picture: string, rules: readonly Rules[]): Promise<string[]> {
  mkdirSync(join(ROOT, "out", "logs"), { recursive: true });
  await page.screenshot({ path: join(ROOT, "out", "logs", `${picture}.png`) });
  const found = await axeProblems(page, "body > *", rules);
  const beyond = await page.evaluate(() => document.body.scrollWidth - innerWidth);
  return beyond > 0 ? [...found, `${beyond} pixels too wide`] : found;
}

/**
 * The flaws of a page in every theme and width, each under its theme and width: structure is looked at once in each width,
 * colours once in each theme.
 * @param check more to look at in each of them
 */
export async function flawsOfLooks(
  page: Page,
  name: string,
  widths: readonly number[],
  check: (theme: keyof typeof THEMES, width: number) => Promise<void> = async () => {},
): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const [i, theme] of (Object.keys(THEMES) as (keyof typeof THEMES)[]).entries()) {
    await dress(page, theme);
    for (const [j, width] of widths.entries()) {
      await page.setViewportSize({ width, height: 900 });
      // Two frames: what watches sizes has drawn anew by then.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      // Everything is in sight where it is widest.
      const rules: Rules[] = [...(i === 0 ? ["structure" as const] : []), ...(j === 0 ? ["colours" as const] : [])];
      const found = await flaws(page, `${name}-${theme}-${width}`, rules);
      if (found.length > 0) all[`${theme} at ${width}`] = found;
      await check(theme, width);
    }
  }
  return all;
}
