/** The projections page with the maps of two models. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import { twoModels } from "./support/madeUpMaps.ts";
import { openPage } from "./support/pageHarness.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

test("two models have a map each, what moved is between the two, and other parameters keep them", async () => {
  const page = await openPage(browser, "projections", {}, twoModels);
  const sent = (method: string) =>
    page.evaluate(
      (wanted) =>
        (globalThis as unknown as { sent: { method: string; params: unknown }[] }).sent
          .filter((message) => message.method === wanted)
          .map(({ params }) => params),
      method,
    );
  await page.locator(".legend li").first().waitFor();
  expect(await page.locator("lookalike-map").count()).toBe(3);
  const heads = await page.locator(".maps").textContent();
  for (const name of ["eye one", "eye two", "Combined"]) expect(heads).toContain(name);
  await page.locator("select.colour").selectOption({ label: "What moved" });
  await expect
    .poll(async () => (await sent("column")).at(-1))
    .toMatchObject({ column: { kind: "moved", one: "eye one", other: "eye two" } });
  await page.getByText("Parameters", { exact: true }).click();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect
    .poll(async () => (await sent("run")).at(-1))
    .toMatchObject({ parameters: { seed: 42, models: [{ model: "one" }, { model: "two" }] } });
  await page.close();
});
