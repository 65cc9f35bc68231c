import { type LabelsResult, listed, type QueryProgress, type SuspiciousLabel } from "../../shared/index.ts";
import { gather, loadVectors, NeighbourSearch, type NeighbourTable, neighboursOfAll } from "../neighbours/index.ts";
import type { EmbeddingSource } from "../search/index.ts";
import { QueryError } from "../search/index.ts";
import type { LabelsByPath } from "../tables/index.ts";

/** Neighbours that are asked where nothing else is said. */
const DEFAULT_K = 10;
/** So many are asked however few images a label has: fewer are no majority. */
const LEAST_K = 3;

export interface LabelOptions {
  readonly k?: number | undefined;
  /** As they were read from a file; an image's folder is its label where absent. */
  readonly labels?: LabelsByPath | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: QueryProgress) => void) | undefined;
}

/**
 * Images most of whose nearest neighbours have another label than they have themselves. Each branch and combined vote
 * apart: descriptors that agree raise the confidence. Images without a label are left out.
 * An image of a small class has few neighbours of its own label to expect; hence at most as many neighbours are asked as
 * the label has other images, but never fewer than three.
 * @throws QueryError where k cannot be, or fewer than two labels are there; the signal's reason
 */
export async function findSuspiciousLabels(
  source: EmbeddingSource,
  { k = DEFAULT_K, labels, signal, onProgress = () => {} }: LabelOptions = {},
): Promise<LabelsResult> {
  if (!Number.isInteger(k) || k < 1) throw new QueryError(`The number of neighbours must be 1 or more, not ${k}.`);
  onProgress({ step: "reading", done: 0 });
  const all = await loadVectors(source, WHOLE, { signal });
  const labelOf = labels === undefined ? folderOf : (path: string) => labels.byPath.get(path)?.label;
  const picked = [...all.paths.keys()].filter((row) => labelOf(all.paths[row]!) !== undefined);
  const names = picked.map((row) => labelOf(all.paths[row]!)!);
  const sizes = new Map<string, number>();
  for (const name of names) sizes.set(name, (sizes.get(name) ?? 0) + 1);
  if (sizes.size < 2) {
    throw new QueryError(
      `${picked.length} of ${all.paths.length} indexed images have a label, and there are ${sizes.size} different labels: two are needed. ` +
        (labels === undefined
          ? "Put the images in a folder per label, or give a labels file."
          : "Check the labels file."),
    );
  }

  const { dims } = all;
  const rows = gather({ count: all.paths.length, dims, matrices: all.matrices }, picked);
  const search = await NeighbourSearch.create(dims.length);
  let tables: NeighbourTable[];
  try {
    tables = await neighboursOfAll(search, rows, Math.max(k, LEAST_K), {
      signal,
      onProgress: (done) => onProgress({ step: "comparing", done: done / rows.count }),
    });
  } finally {
    await search.release();
  }
  const branches = tables.slice(0, -1);
  const combined = tables.at(-1)!;
  const suspicious: SuspiciousLabel[] = [];
  for (const [row, label] of names.entries()) {
    const asked = Math.min(k, combined.k, Math.max(LEAST_K, sizes.get(label)! - 1));
    const { name: suggested, votes } = vote(combined, row, asked, names);
    if (suggested === label || 2 * votes <= asked) continue;
    const agreeing = branches.filter((table) => vote(table, row, asked, names).name === suggested).length;
    const confidence = (agreeing / branches.length) * (votes / asked);
    suspicious.push({ path: all.paths[picked[row]!]!, label, suggested, votes, k: asked, confidence });
  }
  suspicious.sort((a, b) => b.confidence - a.confidence || (a.path < b.path ? -1 : 1));
  return { images: picked.length, classes: sizes.size, suspicious, warnings: warningsOf(labels, all.paths) };
}

/** What a labels file holds that was not used. */
function warningsOf(labels: LabelsByPath | undefined, paths: readonly string[]): string[] {
  if (labels === undefined) return [];
  const known = new Set(paths);
  const unknown = [...labels.byPath.keys()].filter((path) => !known.has(path));
  return unknown.length === 0
    ? [...labels.warnings]
    : [...labels.warnings, `Rows of the labels file that match no indexed image: ${listed(unknown)}.`];
}

const WHOLE = { sample: null, under: "", seed: 1 } as const;

/** An image directly in the indexed folder has no label. */
function folderOf(path: string): string | undefined {
  const end = path.lastIndexOf("/");
  return end < 0 ? undefined : path.slice(0, end);
}

/** The label that most of the first `asked` neighbours have; of two with as many, the one of higher scores. */
function vote(
  { k, indices, scores }: NeighbourTable,
  row: number,
  asked: number,
  names: readonly string[],
): { readonly name: string; readonly votes: number } {
  const counts = new Map<string, { votes: number; score: number }>();
  for (let j = row * k; j < row * k + asked; j++) {
    const name = names[indices[j]!]!;
    const { votes, score } = counts.get(name) ?? { votes: 0, score: 0 };
    counts.set(name, { votes: votes + 1, score: score + scores[j]! });
  }
  let best = { name: "", votes: 0, score: Number.NEGATIVE_INFINITY };
  for (const [name, count] of counts) {
    const better = count.votes > best.votes || (count.votes === best.votes && count.score > best.score);
    if (better) best = { name, ...count };
  }
  return best;
}
