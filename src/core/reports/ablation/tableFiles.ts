import { promises as fs } from "node:fs";
import { join } from "node:path";
import { type AblationReport, type AblationRow, html } from "../../../shared/index.ts";
import { writeFileAtomically } from "../../files/index.ts";
import { pageOf } from "../page.ts";

const METRICS = ["recall@1", "recall@2", "recall@4", "recall@8", "r-precision", "map@r", "mrr"];

/** Writes the tables as Markdown, CSV and HTML, and everything as JSON. @returns the files. @throws FileError */
export async function writeTables(report: AblationReport, out: string): Promise<string[]> {
  await fs.mkdir(out, { recursive: true });
  const files = {
    "ablation.md": ablationMarkdown(report),
    "ablation.csv": csv(report),
    "ablation.html": page(report),
    "ablation.json": `${JSON.stringify(report, null, 2)}\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFileAtomically(join(out, name), new TextEncoder().encode(text));
  }
  return Object.keys(files).map((name) => join(out, name));
}

export function ablationMarkdown({ tables, warnings }: AblationReport): string {
  return [
    ...tables.flatMap(({ title, rows }) => {
      const header = ["setting", "combine", "seeds", ...METRICS];
      return [
        `### ${title}`,
        "",
        `| ${header.join(" | ")} |`,
        `| ${header.map((_, i) => (i < 2 ? "---" : "---:")).join(" | ")} |`,
        ...rows.map((row) => `| ${cells(row).join(" | ")} |`),
        "",
      ];
    }),
    "Per cent; mean and standard deviation over the seeds.",
    ...warnings.map((warning) => `\n${warning}`),
    "",
  ].join("\n");
}

function cells(row: AblationRow): string[] {
  const { config, losses, tricks, combine, seeds, sameAs } = row;
  const same = sameAs === null ? "" : ` (the same training as ${sameAs})`;
  const setting = `${losses === "ranking" ? `${config}, ranking` : `${config}, ${losses}, ${tricks}`}${same}`;
  return [setting, combine, String(seeds), ...METRICS.map((metric) => figure(row, metric))];
}

function figure({ means, spreads, seeds }: AblationRow, metric: string): string {
  if (means[metric] === undefined) return "";
  const value = (100 * means[metric]).toFixed(1);
  return seeds < 2 ? value : `${value} ± ${(100 * spreads[metric]!).toFixed(1)}`;
}

function csv({ tables }: AblationReport): string {
  const header = ["table", "end", "config", "losses", "tricks", "combine", "seeds", "same_as"];
  const figures = METRICS.flatMap((metric) => [metric, `${metric}_sd`]);
  const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = tables.flatMap(({ title, rows }) =>
    rows.map((row) => [
      ...[title, row.end, row.config, row.losses, row.tricks, row.combine, String(row.seeds), row.sameAs ?? ""],
      ...METRICS.flatMap((metric) => [String(row.means[metric] ?? ""), String(row.spreads[metric] ?? "")]),
    ]),
  );
  return [[...header, ...figures], ...lines].map((line) => `${line.map(quoted).join(",")}\n`).join("");
}

function page({ folder, tables, warnings }: AblationReport): string {
  const header = ["Setting", "Combine", "Seeds", ...METRICS];
  const body = html`<p>Per cent; mean and standard deviation over the seeds.</p>
    ${tables.map(
      ({
        title,
        rows,
      }) => html`<div class="scroll" tabindex="0" role="group" aria-label="${title}"><table class="figures">
        <caption>${title}</caption>
        <thead><tr>${header.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
        <tbody>${rows.map((row) => {
          const [first, ...rest] = cells(row);
          return html`<tr><th scope="row">${first!}</th>${rest.map((text) => html`<td>${text}</td>`)}</tr>`;
        })}</tbody>
      </table></div>`,
    )}
    ${warnings.map((warning) => html`<p class="note">${warning}</p>`)}`;
  return pageOf(`Ablation on ${folder}`, body);
}
