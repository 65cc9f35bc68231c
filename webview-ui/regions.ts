/** A part of a page, by selector, with what gets the focus in it. */
export type Region = readonly [region: string, first: string];

/**
 * Moves the focus to the next of the parts of a page that are there.
 * @param regions in the order of F6
 * @returns false at its end: then VS Code goes to its next part
 */
export function focusRegion(root: HTMLElement, regions: readonly Region[], step: 1 | -1): boolean {
  const there = regions.flatMap(([region, first]) => {
    const part = root.querySelector(region);
    const to = part?.querySelector<HTMLElement>(first);
    return part === null || to == null ? [] : [{ part, to }];
  });
  const at = there.findIndex(({ part }) => part.contains(document.activeElement));
  const next = there[at < 0 ? (step === 1 ? 0 : there.length - 1) : at + step];
  next?.to.focus();
  return next !== undefined;
}
