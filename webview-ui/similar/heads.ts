import { html, nothing, type TemplateResult } from "lit";
import { COMBINED } from "../../src/shared/index.ts";
import { withAbout } from "../branchAbout.ts";
import { t } from "../strings.ts";
import { colourClass } from "./card.ts";
import type { ShownColumn } from "./filters.ts";
import type { Tally } from "./labels.ts";
import type { Column, ColumnOverlap } from "./viewModel.ts";

/** A column's title, how much of its list is in combined's, and how many of it have the query's label. */
export function renderHead(column: ShownColumn): TemplateResult {
  const { style, tally } = column;
  const shared = sharedWithOther(column);
  return html`<div
    role="columnheader"
    class="head ${shared === undefined || shared.column === COMBINED ? "" : "compared"} ${colourClass(style.colour)}"
    data-column=${column.name}
    title=${tally === null ? overlapText(column) : `${overlapText(column)}\n\n${tallyText(tally)}`}
  >
    <span class="title"><span class="letter">${style.letter}</span> <span class="label">${t(style.label)}</span></span>
    ${tally === null ? nothing : renderTally(tally)}
    ${shared === undefined ? nothing : html`<span class="overlap quiet" data-short=${`${percentOf(shared)} %`}><span class="whole">${sharedText(shared)}</span></span>`}
  </div>`;
}

function renderTally(tally: Tally): TemplateResult {
  return html`<span class="tally"
    ><span class="unseen">${tallyText(tally)}</span><span class="label-mark same" aria-hidden="true">✓</span
    ><span aria-hidden="true"> ${tally.same}/${tally.same + tally.other}</span></span
  >`;
}

function tallyText({ same, other, unlabelled }: Tally): string {
  return t("{0} of {1} with the query's label; {2} without a label", same, same + other, unlabelled);
}

/** The overlap that stands in a head: with combined or, where models are compared, with the first of the others. */
function sharedWithOther(column: Column): ColumnOverlap | undefined {
  return column.name === COMBINED ? undefined : (sharedWithCombined(column) ?? column.overlaps[0]);
}

/** The overlap with combined that stands in a head or a tab. */
export function sharedWithCombined({ overlaps }: Column): ColumnOverlap | undefined {
  return overlaps.find(({ column }) => column === COMBINED);
}

export function percentOf({ jaccard }: Pick<ColumnOverlap, "jaccard">): number {
  return Math.round(100 * jaccard);
}

function sharedText({ column, style, jaccard, rbo }: ColumnOverlap): string {
  const percent = percentOf({ jaccard });
  return column === COMBINED
    ? t("{0} % shared", percent)
    : t("{0} % shared with {1} · by rank {2}", percent, style.letter, two(rbo));
}

/** The row of the overlap matrix that belongs to a column, in words. */
function overlapText({ name, style, cards, overlaps }: Column): string {
  const lines = [withAbout(t("Most alike by {0}", style.label), name)];
  if (overlaps.length > 0) {
    lines.push("", t("Shared of the first {0} (Jaccard index · rank-biased overlap):", cards.length));
    for (const { style: other, jaccard, rbo } of overlaps) lines.push(`${other.label}  ${two(jaccard)} · ${two(rbo)}`);
  }
  return lines.join("\n");
}

/** To two places, without the zero before the point. */
function two(value: number): string {
  return value.toFixed(2).replace(/^0/, "");
}
