import { html, nothing, type TemplateResult } from "lit";
import { withAbout } from "../branchAbout.ts";
import { t } from "../strings.ts";
import { colourClass } from "./card.ts";
import type { ShownColumn } from "./filters.ts";
import { percentOf, sharedWithCombined } from "./heads.ts";

/** One tab per column, where there is room for one column. @param choose makes the tab current; done once it is drawn */
export function renderTabs(
  columns: readonly ShownColumn[],
  current: number,
  choose: (tab: number) => Promise<unknown>,
): TemplateResult {
  const onKey = async (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const tabs = event.currentTarget as HTMLElement;
    await choose((current + step + columns.length) % columns.length);
    tabs.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus();
  };
  return html`<div class="tabs" role="tablist" @keydown=${onKey}>
    ${columns.map((column, i) => {
      const shared = sharedWithCombined(column);
      return html`<button
        role="tab"
        class=${colourClass(column.style.colour)}
        title=${withAbout(t("Most alike by {0}", column.style.label), column.name)}
        aria-selected=${i === current}
        aria-controls="lists"
        tabindex=${i === current ? 0 : -1}
        @click=${() => choose(i)}
      >
        <span class="letter">${column.style.letter}</span> <span class="name">${t(column.style.label)}</span>
        ${shared === undefined ? nothing : html`<span class="overlap quiet">${percentOf(shared)} %<span class="unseen"> ${t("shared with Combined")}</span></span>`}
      </button>`;
    })}
  </div>`;
}
