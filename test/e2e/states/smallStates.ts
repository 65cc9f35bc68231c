/** The pages with few states: the following view, and the larger view of an image. */
import type { FollowState } from "../../../src/shared/index.ts";
import { openPage } from "../support/pageHarness.ts";
import type { PageState, PageStates } from "./pageState.ts";

const FOLLOWED: FollowState = {
  image: { name: "q.png", path: "q.png", inside: true },
  folder: "images",
  lists: {
    mac: [{ rank: 1, path: "b/3.png", score: 0.8 }],
    combined: [
      { rank: 1, path: "a/1.png", score: 0.9 },
      { rank: 2, path: "a/2.png", score: 0.1 },
      { rank: 3, path: "a/3.png", score: 0.05 },
    ],
  },
  chance: { mac: 0.2, combined: 0.2 },
  searching: false,
  problem: null,
  mayIndex: false,
};

const follow =
  (change: Partial<FollowState>, ready: string): PageState =>
  async (browser) => {
    const page = await openPage(browser, "follow", { ready: { ...FOLLOWED, ...change } });
    await page.locator(ready).first().waitFor();
    return page;
  };

export const FOLLOW_STATES: PageStates = {
  lists: follow({}, "[data-path]"),
  searching: follow({ searching: true }, "[data-path]"),
  "no image": follow(
    { image: null, lists: {}, problem: "Open an image, and its look-alikes are shown here." },
    ".problem",
  ),
  "not indexed": follow({ lists: {}, problem: "images is not indexed yet.", mayIndex: true }, "button.primary"),
};

export const PICTURE_STATES: PageStates = {
  image: async (browser) => {
    const page = await openPage(browser, "picture", { ready: { name: "scan.tif" } });
    await page.locator(".stage img").waitFor();
    return page;
  },
  broken: async (browser) => {
    const answers = {
      ready: { name: "scan.tif" },
      picture: new Error("scan.tif: not an image"),
      thumbnail: new Error("scan.tif: not an image"),
    };
    const page = await openPage(browser, "picture", answers);
    await page.locator(".problem").waitFor();
    return page;
  },
};
