import type { Browser, Page } from "playwright-core";

/** Opens a page in one of its states, with all of it drawn. */
export type PageState = (browser: Browser) => Promise<Page>;

/** States of a page by name. */
export type PageStates = Readonly<Record<string, PageState>>;

/** Opens all that is folded away. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const each of document.querySelectorAll("details:not(.menu)")) (each as HTMLDetailsElement).open = true;
  });
}
