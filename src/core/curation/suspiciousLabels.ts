import type { LabelsResult, QueryProgress, SuspiciousLabel } from "../../shared/index.ts";
import { gather, loadVectors, NeighbourSearch, type NeighbourTable, neighboursOfAll } from "../neighbours/index.ts";
import type { EmbeddingSource } from "../search/index.ts";
import { QueryError } from "../search/index.ts";
import { type Labels, labelsOf, oneLabel } from "../tables/index.ts";

/** Neighbours that are asked where nothing else is said. */
const DEFAULT_K = 10;
/** So many are asked however few images a label has: fewer are no majority. */
const LEAST_K = 3;

export interface LabelOptions {
  readonly k?: number | undefined;
  /** Of the indexed images; folders are labels where absent. */
  readonly labels?: Labels | undefined;
  /** Knows by the SHA-256 of a file whether the model learned its label; absent where it learned from none, or does not say. */
  readonly learned?: { has(hash: Uint8Array): boolean } | null | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: QueryProgress) => void) | undefined;
}

/** What the neighbours say of labels. */
export type SuspiciousLabels = Omit<LabelsResult, "contradictions" | "shown">;

/** Fewer than two labels: nothing went wrong, but there is nothing to look at. */
export class TooFewLabelsError extends QueryError {}

/**
 * Images most of whose nearest neighbours have another label than they have themselves. Each branch and combined vote
 * apart: descriptors that agree raise the confidence. Images without a label, or with several, are left out.
 * An image of a small class has few neighbours of its own label to expect; hence at most as many neighbours are asked as
 * the label has other images, but never fewer than three. A label of one image cannot be judged so, nor one of two that are
 * both among the neighbours of the other: they are counted apart.
 * @param told images that are no suspects, whatever their neighbours say
 * @throws QueryError where k cannot be, or fewer than two labels are there; the signal's reason
 */
export async function findSuspiciousLabels(
  source: EmbeddingSource,
  { k = DEFAULT_K, labels: given, signal, onProgress = () => {} }: LabelOptions = {},
  told: ReadonlySet<string> = new Set(),
): Promise<SuspiciousLabels> {
  if (!Number.isInteger(k) || k < 1) throw new QueryError(`The number of neighbours must be 1 or more, not ${k}.`);
  onProgress({ step: "reading", done: 0 });
  const all = await loadVectors(source, WHOLE, { signal });
  const labels = given ?? (await labelsOf(await source.paths(), "", null));
  const picked = [...all.paths.keys()].filter((row) => oneLabel(labels, all.paths[row]!) !== undefined);
  const names = picked.map((row) => oneLabel(labels, all.paths[row]!)!);
  const members = new Map<string, number[]>();
  for (const [row, name] of names.entries()) members.set(name, [...(members.get(name) ?? []), row]);
  if (members.size < 2) {
    throw new TooFewLabelsError(
      `${members.size === 0 ? "No indexed image has exactly one label" : "All indexed images with exactly one label have the same one"}: two different ones are needed. ` +
        (labels.file === null
          ? "Put the images in a folder per label, or give a labels file."
          : `Check the labels file. ${labels.warnings.join(" ")}`),
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
  let unjudged = 0;
  for (const [row, label] of names.entries()) {
    const own = members.get(label)!;
    const asked = Math.min(k, combined.k, Math.max(LEAST_K, own.length - 1));
    if (own.length === 1 || (own.length === 2 && findEachOther(combined, own, asked))) {
      unjudged++;
      continue;
    }
    const { name: suggested, votes } = vote(combined, row, asked, names);
    const path = all.paths[picked[row]!]!;
    if (told.has(path) || suggested === label || 2 * votes <= asked) continue;
    const agreeing = branches.filter((table) => vote(table, row, asked, names).name === suggested).length;
    const confidence = (agreeing / branches.length) * (votes / asked);
    suspicious.push({ path, label, suggested, votes, k: asked, confidence });
  }
  suspicious.sort((a, b) => b.confidence - a.confidence || (a.path < b.path ? -1 : 1));
  return { images: picked.length, classes: members.size, unjudged, suspicious, warnings: labels.warnings };
}

const WHOLE = { sample: null, under: "", seed: 1 } as const;

/** Whether two images are both among the first `asked` neighbours of the other. */
function findEachOther({ k, indices }: NeighbourTable, [a, b]: readonly number[], asked: number): boolean {
  const finds = (row: number, other: number) => indices.subarray(row * k, row * k + asked).includes(other);
  return finds(a!, b!) && finds(b!, a!);
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
