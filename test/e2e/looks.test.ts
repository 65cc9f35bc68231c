/** Every page in every state, in three themes and every width: what axe finds, what lies outside, and what cannot be read. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { PAGES } from "./states/index.ts";
import { flawsOfLooks, type Viewport } from "./support/themes.ts";

/** Of a page: wide, half a window, a side column, which is also 1,280 at 400 %; and 1,440 x 900 at 200 %, and half of it. */
const VIEWPORTS: readonly Viewport[] = [1440, 552, 320, { width: 720, height: 450 }, { width: 360, height: 450 }];

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

test("every page that is built is listed with its states", () => {
  const built = readdirSync(join(ROOT, "dist", "webview"))
    .filter((name) => name.endsWith(".js"))
    .map((name) => name.slice(0, -3));
  expect(Object.keys(PAGES).sort()).toEqual(built.sort());
});

const STATES = Object.entries(PAGES).flatMap(([page, states]) =>
  Object.entries(states).map(([state, open]) => ({ page, state, open })),
);

test.for(STATES)("$page, $state: no flaw in any theme and width", async ({ page: name, state, open }) => {
  const page = await open(browser);
  expect(await flawsOfLooks(page, `${name}-${state}`.replace(/\W+/g, "-"), VIEWPORTS)).toEqual({});
  await page.close();
});
