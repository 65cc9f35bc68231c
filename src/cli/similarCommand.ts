import { COMBINED, type SimilarResult } from "../shared/index.ts";
import { type IndexPlaceOptions, withFolderIndex } from "./tools.ts";

interface SimilarOptions extends IndexPlaceOptions {
  readonly in: string;
  readonly k: number;
  readonly json?: boolean;
}

/** `lookalike similar`: searches what is indexed; it never starts indexing by itself. */
export function similarCommand(image: string, options: SimilarOptions): Promise<void> {
  return withFolderIndex(options.in, options, async (index) => {
    const { indexed } = await index.status();
    if (indexed === 0) throw new Error(`${index.folder} is not indexed. Run: lookalike index "${options.in}"`);
    const result = await index.similar(image, options.k);
    console.log(options.json ? JSON.stringify(result, null, 2) : table(result));
  });
}

/** The combined list with the score of each branch, so that one sees which descriptor carries a match. */
function table({ query, model, results, scores }: SimilarResult): string {
  const columns = [COMBINED, ...model.descriptors];
  const header = ["rank", ...columns, "path"];
  const rows = (results[COMBINED] ?? []).map(({ rank, path }) => [
    String(rank),
    ...columns.map((column) => scores[path]?.[column]?.toFixed(2) ?? ""),
    path,
  ]);
  const widths = header.map((_, c) => Math.max(...[header, ...rows].map((row) => row[c]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, c) => (c === row.length - 1 ? cell : cell.padStart(widths[c]!)))
      .join("  ")
      .trimEnd();
  return [`Images most alike to ${query}`, "", line(header), ...rows.map(line)].join("\n");
}
