import type { ActionsPage } from "./actions.ts";

/** What keys do anywhere in the page. */
export function handleKey(event: KeyboardEvent, page: Pick<ActionsPage, "ask" | "selected" | "keep">): void {
  if (event.key === "Escape" && page.selected() !== null && !event.defaultPrevented) {
    page.keep({ selected: null });
    return;
  }
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!event.altKey || event.ctrlKey || event.metaKey || (step !== 1 && step !== -1)) return;
  event.preventDefault();
  // VS Code listens further out, where the same keys lead through its editors.
  event.stopPropagation();
  void page.ask("history", { step });
}
