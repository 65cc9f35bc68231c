/** The view that follows the active image, without VS Code. */
import { expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.ts";
import type { FollowState } from "../../src/shared/index.ts";
import { asked, openPage } from "./support/pageHarness.ts";

const list = (folder: string, ...scores: number[]) =>
  scores.map((score, i) => ({ rank: i + 1, path: `${folder}/${i}.png`, score }));

const state: FollowState = {
  image: { name: "q.png", path: "q.png", inside: true },
  folder: "images",
  lists: { mac: list("mac", 0.8, 0.7), combined: list("combined", 0.9, 0.5, 0.1, 0.05) },
  chance: { mac: 0.2, combined: 0.2 },
  searching: false,
  problem: null,
  mayIndex: false,
};

test("what random pairs score too is set apart; a switch shows the list of one descriptor", async () => {
  const browser = await launchBrowser();
  try {
    const page = await openPage(browser, "follow", { ready: state });
    const paths = (part: string) =>
      page.locator(`${part} [data-path]`).evaluateAll((all) => all.map((each) => each.getAttribute("data-path")));
    await page.locator(".near img").first().waitFor();
    expect(await paths(".near:not(.far)")).toEqual(["combined/0.png", "combined/1.png"]);
    expect(await paths(".near.far")).toEqual(["combined/2.png", "combined/3.png"]);
    expect(await page.locator(".by-chance").textContent()).toContain("0.20");
    await page.getByRole("button", { name: "MAC" }).click();
    expect(await paths(".near")).toEqual(["mac/0.png", "mac/1.png"]);
    expect(await page.locator(".by-chance").count()).toBe(0);
    await page.getByRole("button", { name: "Compare descriptors" }).click();
    expect(await asked(page, "findSimilar")).toEqual([{ path: "q.png" }]);
  } finally {
    await browser.close();
  }
});
