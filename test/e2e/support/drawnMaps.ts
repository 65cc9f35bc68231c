import type { FrameLocator } from "playwright-core";
import sharp from "sharp";
import type { TestWindow } from "./window.ts";

/** What the tests use of the elements of the page. */
type MapElement = HTMLElement & {
  readonly drawn?: { readonly marks: Uint8Array };
  positionOf(row: number): { readonly x: number; readonly y: number };
};
type PageElement = HTMLElement & { readonly images: { readonly paths: readonly string[] } };

interface Place {
  readonly x: number;
  readonly y: number;
}

/** What tests look at and do in the maps of a panel. @param shown the window, and the panel in it */
export function drawnMaps(shown: () => { readonly window: TestWindow; readonly view: FrameLocator }) {
  const count = () =>
    shown()
      .view.locator("lookalike-projections")
      .evaluate((page) => (page as PageElement).images.paths.length);
  const map = (name: string) => shown().view.locator(`lookalike-map[data-descriptor="${name}"]`);
  const plot = (name: string) => map(name).locator(".plot");
  const linked = () =>
    shown()
      .view.locator(".plot")
      .evaluateAll((all) => all.map((one) => one.getAttribute("data-linked")));
  const card = () => shown().view.locator(".hover-card");
  /** Where the points of a map are, in pixels of the window, by row. */
  async function places(name: string): Promise<{ readonly x: number; readonly y: number }[]> {
    const box = (await plot(name).boundingBox())!;
    const inside = await map(name).evaluate(
      (element, count) => {
        const { left, top } = element.querySelector(".plot")!.getBoundingClientRect();
        return Array.from({ length: count }, (_, row) => {
          const at = (element as MapElement).positionOf(row)!;
          return { x: at.x - left, y: at.y - top };
        });
      },
      await count(),
    );
    return inside.map(({ x, y }) => ({ x: box.x + x, y: box.y + y }));
  }

  /** Colour in the middle of a point, in the window as it is drawn. */
  async function colourAt({ x, y }: { readonly x: number; readonly y: number }): Promise<number[]> {
    const clip = { x: Math.round(x) - 1, y: Math.round(y) - 1, width: 3, height: 3 };
    const picture = await shown().window.page.screenshot({ clip });
    const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
    const middle = info.channels * (info.width + 1);
    return [...data.subarray(middle, middle + 3)];
  }

  /** The colour of a custom property of the page, as it is drawn. */
  function named(property: string): Promise<number[]> {
    return shown()
      .view.locator("body")
      .evaluate((body, name) => {
        const context = document.createElement("canvas").getContext("2d")!;
        context.fillStyle = getComputedStyle(body).getPropertyValue(name);
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data.subarray(0, 3)];
      }, property);
  }

  const pathOf = (row: number) =>
    shown()
      .view.locator("lookalike-projections")
      .evaluate((page, at) => (page as PageElement).images.paths[at]!, row);

  async function away(): Promise<void> {
    await shown().view.locator("header h1").hover();
    await card().waitFor({ state: "detached" });
    // The class of a point stays lit up for a moment longer.
    await shown()
      .view.locator("lookalike-map")
      .first()
      .evaluate(
        (element) =>
          new Promise<void>((done) => {
            const look = () => {
              if ((element as MapElement).drawn?.marks.includes(3) === true) requestAnimationFrame(look);
              else done();
            };
            look();
          }),
      );
  }

  /** Draws a lasso around what lies between two places of a map, across its whole height. */
  async function lasso(name: string, left: number, right: number): Promise<void> {
    const { mouse, keyboard } = shown().window.page;
    const { y, height } = (await plot(name).boundingBox())!;
    const [top, bottom] = [y + 2, y + height - 2];
    await mouse.move(left, top);
    await keyboard.down("Shift");
    await mouse.down();
    await mouse.move(right, top, { steps: 4 });
    await mouse.move(right, bottom, { steps: 4 });
    await mouse.move(left, bottom, { steps: 4 });
    await mouse.up();
    await keyboard.up("Shift");
  }

  return { map, plot, linked, card, places, colourAt, named, pathOf, away, lasso };
}

/** A point with no other one near to it, so that what is drawn and picked there is this one. */
export function lone(points: readonly Place[], among = [...points.keys()]): number {
  const room = (row: number) =>
    Math.min(
      ...points
        .filter((_, other) => other !== row)
        .map(({ x, y }) => Math.hypot(x - points[row]!.x, y - points[row]!.y)),
    );
  return among.reduce((best, row) => (room(row) > room(best) ? row : best));
}
