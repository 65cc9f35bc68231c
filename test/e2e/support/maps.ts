import type { FrameLocator } from "playwright-core";
import type { TestWindow } from "./window.ts";

/** Waits until the maps are finished and their points are at their places. */
export async function finishedMaps(view: FrameLocator, { page }: TestWindow): Promise<void> {
  await view.locator('.maps[aria-busy="false"]').waitFor({ timeout: 120_000 });
  await view.locator(".quality[title]").nth(3).waitFor({ timeout: 60_000 });
  await page.waitForTimeout(500);
}

/** Opens the projections of a folder that is not indexed yet, and waits for its maps. */
export async function openMaps(window: TestWindow): Promise<FrameLocator> {
  await window.workbench.command("Lookalike: Inspect Descriptor Projections");
  const view = window.workbench.webview();
  await view.locator(".notice", { hasText: "not indexed yet" }).waitFor({ timeout: 60_000 });
  await view.locator(".notice button").click();
  await finishedMaps(view, window);
  return view;
}
