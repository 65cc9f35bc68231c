import { COMBINED, type QueryExample, type SimilarQuery, type SimilarResult } from "../shared/index.ts";
import type { QueryOptions } from "./queryOptions.ts";
import { type IndexPlaceOptions, withFolderIndex } from "./tools.ts";

interface SimilarOptions extends IndexPlaceOptions, QueryOptions {
  readonly in: string;
  readonly k: number;
  readonly json?: boolean;
}

/** `lookalike similar`: searches what is indexed; it never starts indexing by itself. */
export function similarCommand(images: readonly string[], options: SimilarOptions): Promise<void> {
  return withFolderIndex(options.in, options, async (index) => {
    const { indexed } = await index.status();
    if (indexed === 0) throw new Error(`${index.folder} is not indexed. Run: lookalike index "${options.in}"`);
    const result = await index.similar(queryOf(images, options));
    console.log(options.json ? JSON.stringify(result, null, 2) : table(result));
  });
}

function queryOf(images: readonly string[], options: SimilarOptions): SimilarQuery {
  const { not = [], box, weights, under, minScore, k } = options;
  const examples = [
    ...images.map((image, i): QueryExample => ({ image, sign: 1, ...(box === undefined || i > 0 ? {} : { box }) })),
    ...not.map((image): QueryExample => ({ image, sign: -1 })),
  ];
  const only = {
    ...(under === undefined ? {} : { folder: under }),
    ...(minScore === undefined ? {} : { minScore }),
  };
  return { examples, k, only, ...(weights === undefined ? {} : { weights }) };
}

/** The combined list with the score of each branch, so that one sees which descriptor carries a match. */
function table({ examples, model, results, scores }: SimilarResult): string {
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
  return [`Images most alike to ${describe(examples)}`, "", line(header), ...rows.map(line)].join("\n");
}

function describe(examples: readonly QueryExample[]): string {
  const named = examples.map(({ image, sign, box }) => {
    const part = box === undefined ? "" : ` (part ${[box.x, box.y, box.width, box.height].join(",")})`;
    return `${sign > 0 ? "" : "not "}${image}${part}`;
  });
  return named.join(", ");
}
