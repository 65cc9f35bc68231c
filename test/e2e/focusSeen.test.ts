/** Each kind of thing that the keyboard reaches, on every page in every state: one sees that it has the focus. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { PAGES } from "./states/index.ts";
import { unseenFocus } from "./support/focusRing.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

test.for(Object.entries(PAGES))("%s: what has the focus is seen in dark and high contrast", async ([, states]) => {
  const known = { "vscode-dark": new Set<string>(), "vscode-high-contrast": new Set<string>() };
  const unseen: string[] = [];
  for (const [state, open] of Object.entries(states)) {
    const page = await open(browser);
    for (const theme of ["vscode-dark", "vscode-high-contrast"] as const) {
      for (const each of await unseenFocus(page, theme, known[theme])) unseen.push(`${state}: ${each}`);
    }
    await page.close();
  }
  expect(unseen).toEqual([]);
});
