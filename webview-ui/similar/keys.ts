import { focusRegion, type Region } from "../regions.ts";
import type { ActionsPage } from "./actionsPage.ts";
import type { Lists } from "./lists.ts";
import type { Why } from "./why.ts";

/** Parts of the page in the order of F6, each with what gets the focus in it. */
const REGIONS: readonly Region[] = [
  ["header", "h1 button, .words input"],
  [".filters, details.fold", "summary, select, input"],
  ["lookalike-lists", '.card[tabindex="0"]'],
  ["lookalike-why", ".why"],
];

/** What keys do anywhere in the page. */
export function handleKey(
  event: KeyboardEvent,
  root: HTMLElement,
  page: Pick<ActionsPage, "ask" | "selected" | "keep">,
): void {
  // What is shown large has its own Escape.
  if (event.defaultPrevented || root.querySelector("dialog[open]") !== null) return;
  const done = () => {
    event.preventDefault();
    // VS Code listens further out, where the same keys lead through its editors and parts.
    event.stopPropagation();
  };
  const lists = root.querySelector<Lists>("lookalike-lists");
  const why = root.querySelector<Why>("lookalike-why");
  const { key, target } = event;
  const inWhy = target instanceof Node && why?.contains(target) === true;
  if (key === "Escape" && page.selected() !== null) {
    page.keep({ selected: null });
    // Back to what was explained, wherever the focus was.
    lists?.focus();
    done();
  } else if (key === "Tab" && why !== null && !event.shiftKey && isCard(target)) {
    why.focusFirst();
    done();
  } else if (key === "Tab" && event.shiftKey && inWhy && why?.isFirst(target) === true) {
    lists?.focus();
    done();
  } else if (key === "F6") {
    if (focusRegion(root, REGIONS, event.shiftKey ? -1 : 1)) done();
  } else if (/^Arrow|^w$/.test(key) && !event.altKey && target === document.body && lists !== null) {
    // Nothing has the focus: keys are meant for the results.
    lists.focus();
    done();
  } else if (event.altKey && !event.ctrlKey && !event.metaKey && (key === "ArrowLeft" || key === "ArrowRight")) {
    done();
    void page.ask("history", { step: key === "ArrowLeft" ? -1 : 1 });
  }
}

function isCard(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches(".lists .card");
}
