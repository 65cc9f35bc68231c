import { cosineText, type SimilarState } from "../../src/shared/index.ts";
import type { Column } from "./viewModel.ts";

/** The lists as CSV: a line per place, with every score of its image. Commas, quotes and line ends are escaped (RFC 4180). */
export function toCsv(columns: readonly Column[], { result }: SimilarState): string {
  const branches = result?.model.descriptors ?? [];
  const lines = [["list", "rank", "path", "score", ...branches]];
  for (const { name, cards } of columns) {
    for (const { path, rank, score } of cards) {
      const own = branches.map((branch) => String(result?.scores[path]?.[branch] ?? ""));
      lines.push([name, String(rank), path, String(score), ...own]);
    }
  }
  return `${lines.map((line) => line.map(csvCell).join(",")).join("\r\n")}\r\n`;
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The query and the lists as they are shown. */
export function toJson(columns: readonly Column[], state: SimilarState): string {
  const { examples, filter, labels, result, across } = state;
  const weights = result?.weights ?? state.weights;
  const lists = columns.map(({ name, cards }) => [
    name,
    cards.map(({ rank, path, score }) => ({ rank, path, score, scores: result?.scores[path] })),
  ]);
  const query = examples.map(({ path, sign, box }) => ({ path, sign, box }));
  // Where several folders were searched: by the name in front of the paths.
  const made = across === null ? { model: result?.model } : { order: across.order, models: across.models };
  return `${JSON.stringify({ query, weights, filter, labels, ...made, results: Object.fromEntries(lists) }, null, 2)}\n`;
}

/** A table with a column per list and a row per rank: paths, and scores to two places. */
export function toMarkdown(columns: readonly Column[]): string {
  const rows = Math.max(0, ...columns.map(({ cards }) => cards.length));
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const body = Array.from({ length: rows }, (_, row) =>
    line([
      String(row + 1),
      ...columns.map(({ cards }) => {
        const card = cards[row];
        return card === undefined ? "" : `${markdownText(card.path)} ${cosineText(card.score)}`;
      }),
    ]),
  );
  return `${[
    line(["", ...columns.map(({ style }) => style.label)]),
    line(["--:", ...columns.map(() => "---")]),
    ...body,
  ].join("\n")}\n`;
}

function markdownText(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|]/g, "\\$&");
}
