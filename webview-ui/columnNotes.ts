import { html, nothing, type TemplateResult } from "lit";
import type { ColumnNotes, Some } from "../src/shared/index.ts";
import { t } from "./strings.ts";

/** What a table lacks, in words; nothing where it has a row for every image and no others. */
export function renderNotes(notes: ColumnNotes): TemplateResult | typeof nothing {
  const { images, matched, unknown, ambiguous, assumed, repeated, contradictory, oddLines, windows1252, taken } = notes;
  const counted = (text: string, some: Some<string | number>) =>
    some.count > 0 ? t(text, some.count.toLocaleString(), listed(some)) : "";
  const rows = (text: string, count: number) => (count > 0 ? t(text, count.toLocaleString()) : "");
  const parts = [
    matched < images
      ? t("{0} of {1} images have a row in the table.", matched.toLocaleString(), images.toLocaleString())
      : "",
    counted("Paths that are none of these images: {0} ({1})", unknown),
    counted("Paths that may be several of these images, or are not alone about one: {0} ({1})", ambiguous),
    rows("Rows found by a file name that only one image has: {0}", assumed.name),
    rows("Rows found by a file name without its ending: {0}", assumed.stem),
    rows("Rows found by the end of a path of another place: {0}", assumed.end),
    rows("Rows found by letters in another form (composed, in another case, %20): {0}", assumed.letters),
    rows("Images with several rows: {0}", repeated),
    counted(
      "Images whose rows have different values, of which none counts where one is needed: {0} ({1})",
      contradictory,
    ),
    counted("Lines with odd quoting or another number of fields: {0} ({1})", oddLines),
    windows1252 ? t("The file is no UTF-8: it was read as Windows-1252.") : "",
    taken.column === null ? "" : t("The column '{0}' was taken for the one that was asked for.", taken.column),
    taken.images === null ? "" : t("The column '{0}' was taken for the one that names the images.", taken.images),
    ...taken.firstOf.map((name) => t("The table has several columns '{0}': the first was taken.", name)),
  ].filter((part) => part !== "");
  if (parts.length === 0) return nothing;
  return html`<div class="notes" role="status">${parts.map((part) => html`<p>${part}</p>`)}</div>`;
}

function listed({ count, first }: Some<string | number>): string {
  return first.join(", ") + (count > first.length ? ", ..." : "");
}
