/** Whether one sees where the focus is. */
import type { Page } from "playwright-core";
import sharp from "sharp";
import { dress, type Theme } from "./themes.ts";

/** A ring has about as many pixels as its way around is long; less than this share of it is none. */
const SEEN = 0.5;
/** Of red, green and blue together, of 255 each: what changed less is not seen. */
const CHANGED = 60;
/** Around what is looked at, in pixels: a ring may lie outside. */
const AROUND = 5;

interface Focusable {
  /** What it looks like by its style: its own tag and classes, and those of what it lies in. */
  readonly kind: string;
  readonly place: number;
}

/** All that the keyboard reaches, one of each kind. Runs in the page. */
function focusables(): Focusable[] {
  const all = document.querySelectorAll<HTMLElement>(
    "button, a[href], input, select, textarea, summary, [tabindex]:not([tabindex='-1'])",
  );
  const nameOf = (element: Element | null) => `${element?.localName}.${element?.getAttribute("class") ?? ""}`;
  const kinds = new Map<string, number>();
  for (const [place, each] of [...all].entries()) {
    const { width, height } = each.getBoundingClientRect();
    if (each.tabIndex < 0 || each.matches(":disabled") || width < 4 || height < 4) continue;
    if (!each.checkVisibility({ visibilityProperty: true })) continue;
    const kind = `${nameOf(each.parentElement)} > ${nameOf(each)} ${each.getAttribute("type") ?? ""}`.trim();
    each.dataset["focusable"] = String(place);
    if (!kinds.has(kind)) kinds.set(kind, place);
  }
  return [...kinds].map(([kind, place]) => ({ kind, place }));
}

/**
 * What gets the focus without that being seen, in words.
 * @param known kinds that were looked at before, which are passed over; those of this page are added
 */
export async function unseenFocus(page: Page, theme: Theme, known: Set<string>): Promise<string[]> {
  await dress(page, theme);
  await page.addStyleTag({
    content:
      "*, ::before, ::after { transition: none !important; animation: none !important; caret-color: #0000 !important }",
  });
  // Only who uses the keyboard is shown a ring.
  await page.keyboard.press("Shift");
  const unseen: string[] = [];
  for (const { kind, place } of await page.evaluate(focusables)) {
    if (known.has(kind)) continue;
    known.add(kind);
    const element = page.locator(`[data-focusable="${place}"]`);
    const { x, y, width, height } = await element.evaluate((each) => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      each.scrollIntoView({ block: "nearest" });
      return each.getBoundingClientRect().toJSON() as DOMRect;
    });
    const [left, top] = [Math.max(0, x - AROUND), Math.max(0, y - AROUND)];
    const clip = { x: left, y: top, width: x + width + AROUND - left, height: y + height + AROUND - top };
    const picture = async () =>
      sharp(await page.screenshot({ clip }))
        .removeAlpha()
        .raw()
        .toBuffer();
    const before = await picture();
    await element.evaluate((each) => (each as HTMLElement).focus({ preventScroll: true }));
    const after = await picture();
    let changed = 0;
    for (let i = 0; i < before.length; i += 3) {
      const by = [0, 1, 2].reduce((sum, channel) => sum + Math.abs(before[i + channel]! - after[i + channel]!), 0);
      if (by > CHANGED) changed++;
    }
    const around = 2 * (width + height);
    if (changed < SEEN * around) unseen.push(`${kind}: ${changed} of ${around.toFixed(0)} pixels in ${theme}`);
  }
  return unseen;
}
