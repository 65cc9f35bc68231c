import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type EvaluationReport, evaluationMarkup, html, type Markup, untranslated } from "../../shared/index.ts";
import { pageOf } from "./page.ts";

/** The report as one HTML file that loads nothing: it can be opened and sent anywhere. Images are links to their files. */
export function evaluationHtml(report: EvaluationReport): string {
  const image = (path: string): Markup => html`<a href="${pathToFileURL(join(report.folder, path)).href}">${path}</a>`;
  return pageOf(`Retrieval in ${report.folder}`, evaluationMarkup(report, { t: untranslated, image }));
}
