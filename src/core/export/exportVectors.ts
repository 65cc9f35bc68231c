import { promises as fs } from "node:fs";
import { extname, resolve } from "node:path";
import { type BranchWeights, fullWeights, type ModelSummary } from "../../shared/index.ts";
import { type Write, writeAtomically } from "../files/index.ts";
import type { FolderIndex } from "../folder/index.ts";
import type { IndexSnapshot } from "../search/index.ts";
import { vectorColumns } from "./columns.ts";
import { ExportError } from "./errors.ts";

type Writer = (snapshot: IndexSnapshot, file: string, write: Write, guard: boolean) => Promise<void>;

/** By the file's ending. Each one is loaded when it is asked for: indexing and searching need none of them. */
const FORMATS = {
  npz: async (snapshot, file, write) => (await import("./npz.ts")).writeNpz(snapshot, file, write),
  arrow: async (snapshot, _, write) => (await import("./arrow.ts")).writeArrow(snapshot, write),
  csv: async (snapshot, _, write, guard) => (await import("./csv.ts")).writeCsv(snapshot, write, guard),
} satisfies Record<string, Writer>;

type ExportFormat = keyof typeof FORMATS;

/** What an export wrote; also the JSON of `lookalike export`. */
export interface ExportSummary {
  /** Absolute path. */
  readonly file: string;
  readonly format: ExportFormat;
  readonly images: number;
  /** Length of a vector by branch name, in the model's order, then `combined`. */
  readonly dims: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly model: ModelSummary;
  /** Of the branches in combined. */
  readonly weights: BranchWeights;
}

export interface ExportOptions {
  /** In CSV, paths that a spreadsheet would take for formulas are marked as text. */
  readonly guardFormulas?: boolean | undefined;
  /** Of the branches in combined; those that the index holds where absent. */
  readonly weights?: BranchWeights | undefined;
}

/**
 * Writes the vectors of an indexed folder, in the order of the paths' code points: each branch, and combined.
 * @param file ends in `.npz`, `.arrow` or `.csv`, which chooses the format; an old file is replaced
 * Combined is scaled by the weights that are in force, so that its cosine is the score of a search.
 * @throws ExportError where the ending is unknown or nothing is indexed; FileError where the place cannot be written
 */
export async function exportVectors(
  index: Pick<FolderIndex, "folder" | "snapshot" | "weights">,
  file: string,
  { guardFormulas = false, weights: asked }: ExportOptions = {},
): Promise<ExportSummary> {
  const target = resolve(file);
  const format = exportFormat(target);
  const weights = asked ?? (await index.weights())?.weights ?? {};
  const snapshot = { ...(await index.snapshot()), weights };
  try {
    const { paths, model, branches } = snapshot;
    if (paths.length === 0) {
      throw new ExportError(`${index.folder} is not indexed. Index it first.`);
    }
    const reserved = branches.find(({ name }) => name === "path" || name === "paths");
    if (reserved !== undefined) {
      throw new ExportError(
        `The model ${model.name} has a branch named "${reserved.name}", which is the name of the column of paths. ` +
          "Give the branch another name and build the model again.",
      );
    }
    await writeAtomically(target, (write) => FORMATS[format](snapshot, target, write, guardFormulas));
    const { size } = await fs.stat(target);
    const dims = Object.fromEntries(vectorColumns(snapshot).map(({ name, dim }) => [name, dim]));
    const names = branches.map(({ name }) => name);
    return {
      file: target,
      format,
      images: paths.length,
      dims,
      bytes: size,
      model,
      weights: fullWeights(names, weights),
    };
  } finally {
    await snapshot.close();
  }
}

/** @throws ExportError for an ending that stands for no format */
export function exportFormat(file: string): ExportFormat {
  const ending = extname(file).slice(1).toLowerCase();
  const format = (Object.keys(FORMATS) as ExportFormat[]).find((name) => name === ending);
  if (format !== undefined) return format;
  throw new ExportError(`${file} has no ending that is known here. End the name in .npz, .arrow or .csv.`);
}
