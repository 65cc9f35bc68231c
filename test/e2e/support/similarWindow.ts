/** The similar page in a window on drawings, as several test files walk it. */
import { dirname, join } from "node:path";
import type { FrameLocator, Locator } from "playwright-core";
import type { SimilarResult } from "../../../src/shared/index.ts";
import { type EmojiImage, ensureEmoji } from "../../fixtures/emoji.ts";
import { commandLine } from "./commandLine.ts";
import { openIndexed, type TestWindow } from "./window.ts";

/** Room for four lists beside an open image. */
export const WIDE = { width: 1920, height: 1000 };

export interface DrawingsWindow {
  readonly window: TestWindow;
  /** Paths relative to the window's folder. */
  readonly images: readonly EmojiImage[];
}

/**
 * Opens a wide window on a folder of drawings that is indexed.
 * @param add puts more into the folder, given where the drawings come from
 */
export async function openDrawings(
  add: (target: string, source: string, images: readonly EmojiImage[]) => void = () => {},
): Promise<DrawingsWindow> {
  const drawings = await ensureEmoji({ classes: 16 });
  const { folder, images } = drawings;
  const window = await openIndexed(drawings, (target) => add(target, folder, images));
  await window.page.setViewportSize(WIDE);
  return { window, images };
}

/** Finds similar images by a right-click in the Explorer, and waits for the lists. @param query in a folder at the top */
export async function findSimilar({ workbench }: TestWindow, query: string): Promise<FrameLocator> {
  await workbench.expand(dirname(query));
  await workbench.contextMenu(workbench.row(query), "Find Similar Images");
  return workbench.results(query);
}

/** The cards of a list. */
export function cardsIn(view: FrameLocator, column: string): Locator {
  return view.locator(`.card[data-column="${column}"]`);
}

/** The paths of a list, from the best down. */
export function pathsIn(view: FrameLocator, column: string): Promise<string[]> {
  return cardsIn(view, column).evaluateAll((all) => all.map((card) => card.getAttribute("data-path") ?? ""));
}

/** What `lookalike similar` answers of the window's folder. @param args among them the images: absolute paths */
export function similarByCommandLine(window: TestWindow, ...args: readonly string[]): SimilarResult {
  return commandLine<SimilarResult>(window, "similar", "--in", window.folder, "-k", "50", ...args);
}

/** The same of an image of the folder. */
export function similarTo(window: TestWindow, path: string): SimilarResult {
  return similarByCommandLine(window, join(window.folder, path));
}
