import type { FrameLocator } from "playwright-core";
import type { TestWindow } from "./window.ts";

/** What the tests use of a map. */
type MapElement = HTMLElement & { positionOf(row: number): { readonly x: number; readonly y: number } | undefined };

/** Waits until the maps are finished and their points are at their places. */
export async function finishedMaps(view: FrameLocator): Promise<void> {
  await view.locator('.maps[aria-busy="false"]').waitFor({ timeout: 120_000 });
  await view.locator(".quality[title]").nth(3).waitFor({ timeout: 60_000 });
  await pointsAtRest(view);
}

/** Waits until no point of any map has moved for some frames. */
export async function pointsAtRest(view: FrameLocator): Promise<void> {
  await view.locator("lookalike-map").evaluateAll(async (maps) => {
    const frame = () => new Promise<number>((done) => requestAnimationFrame(done));
    const places = () =>
      JSON.stringify(maps.map((map) => [0, 1, 2, 3].map((row) => (map as MapElement).positionOf(row))));
    let before = "";
    for (let still = 0; still < 10; ) {
      await frame();
      const now = places();
      still = now === before && now.includes("x") ? still + 1 : 0;
      before = now;
    }
  });
}

/** Opens the projections of a folder that is indexed, and waits for its maps. */
export async function openMaps(window: TestWindow): Promise<FrameLocator> {
  await window.workbench.command("Lookalike: Inspect Descriptor Projections");
  const view = window.workbench.webview();
  await finishedMaps(view);
  return view;
}
