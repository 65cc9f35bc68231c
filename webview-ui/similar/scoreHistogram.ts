import { nothing, svg, type TemplateResult } from "lit";
import type { Column } from "./viewModel.ts";

/** Bars over the range of scores that a filter can ask for, 0 to 1. */
const BARS = 25;

/** How many images of a list have which score, `[BARS]`; scores below 0 count as 0. */
export function scoreCounts(scores: readonly number[]): number[] {
  const counts = new Array<number>(BARS).fill(0);
  for (const score of scores) {
    const bar = Math.min(BARS - 1, Math.max(0, Math.floor(score * BARS)));
    counts[bar] = counts[bar]! + 1;
  }
  return counts;
}

/** The scores of a list as bars, to lie over the slider of the lowest score. @param least below it they are not shown */
export function renderScores(list: Column | undefined, least: number | undefined): TemplateResult | typeof nothing {
  const scores = list?.cards.map(({ score }) => score) ?? [];
  if (scores.length === 0) return nothing;
  const counts = scoreCounts(scores);
  const most = Math.max(...counts);
  return svg`<svg class="scores" viewBox="0 0 ${BARS} 1" preserveAspectRatio="none" aria-hidden="true">
    ${counts.map((count, i) => {
      // A root: among some that many images have, those that few have stay to be seen.
      const height = Math.sqrt(count / most);
      const out = least !== undefined && (i + 1) / BARS <= least;
      return svg`<rect class=${out ? "out" : ""} x=${i + 0.1} y=${1 - height} width="0.8" height=${height}></rect>`;
    })}
  </svg>`;
}
