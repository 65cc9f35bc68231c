/** The card that an event came from. */
export function cardOf(event: Event): HTMLElement | undefined {
  const card = event.target instanceof Element ? event.target.closest<HTMLElement>(".card[data-path]") : null;
  return card ?? undefined;
}

/** Lights an image up in every list that holds it, or none. By hand: a new drawing of all cards at each hover would lag. */
export function lightUp(lists: ParentNode, path: string | null): void {
  for (const card of lists.querySelectorAll(".card.alight")) card.classList.remove("alight");
  if (path === null) return;
  for (const card of lists.querySelectorAll(`.card[data-path="${CSS.escape(path)}"]`)) card.classList.add("alight");
}

/** Brings the selected card of a list into sight: the strip that explains it may have come to lie over it. */
export function showSelected(lists: ParentNode, column: string): void {
  requestAnimationFrame(() => {
    const card = lists.querySelector(`.card[aria-selected="true"][data-column="${CSS.escape(column)}"]`);
    card?.scrollIntoView({ block: "nearest" });
  });
}
