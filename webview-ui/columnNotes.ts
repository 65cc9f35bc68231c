import { html, nothing, type TemplateResult } from "lit";
import type { ColumnNotes } from "../src/shared/index.ts";
import { t } from "./strings.ts";

/** What a table lacks, in words; nothing where it has a row for every image and no others. */
export function renderNotes({ images, matched, unknown, oddLines }: ColumnNotes): TemplateResult | typeof nothing {
  const parts = [
    matched < images
      ? t("{0} of {1} images have a row in the table.", matched.toLocaleString(), images.toLocaleString())
      : "",
    unknown.count > 0
      ? t("Paths that are none of these images: {0} ({1})", unknown.count.toLocaleString(), some(unknown))
      : "",
    oddLines.count > 0
      ? t(
          "Lines with odd quoting or another number of fields: {0} ({1})",
          oddLines.count.toLocaleString(),
          some(oddLines),
        )
      : "",
  ].filter((part) => part !== "");
  if (parts.length === 0) return nothing;
  return html`<div class="notes" role="status">${parts.map((part) => html`<p>${part}</p>`)}</div>`;
}

function some({ count, first }: { readonly count: number; readonly first: readonly (string | number)[] }): string {
  return first.join(", ") + (count > first.length ? ", ..." : "");
}
