import type {
  DuplicateGroup,
  DuplicateImage,
  DuplicatesResult,
  QueryProgress,
  SkippedFile,
} from "../../shared/index.ts";
import { type Appearance, appearsWithin } from "../images/index.ts";
import { gather, loadVectors, NeighbourSearch, type NeighbourTable, type VectorSet } from "../neighbours/index.ts";
import type { ImageRecord, IndexSource } from "../search/index.ts";
import { QueryError } from "../search/index.ts";
import { type Content, checkFiles, contentsOf, type LiveContent } from "./contents.ts";
import { groupPairs } from "./groupPairs.ts";

/**
 * Lowest combined score of copies, and how much their appearances may differ (`appearanceOf`). Chosen by
 * `npm run bench -- duplicates`, which compares emoji with resized and recompressed copies of themselves, with their
 * mirrored, turned and recoloured forms, and with other artists' drawings of the same emoji (docs/duplicates.md). The
 * score only has to be low enough for small, coarse copies under an adapted model; look-alikes fail by their appearance.
 */
export const DUPLICATE_DEFAULTS = { threshold: 0.5, bits: 4, colour: 32 } as const;

/** Neighbours that are looked at: a picture with more copies is joined to the others by theirs. */
const NEIGHBOURS = 15;

export interface DuplicateOptions {
  /** Lowest combined score, above 0 and at most 1. */
  readonly threshold?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: QueryProgress) => void) | undefined;
}

/**
 * Groups of indexed images that are the same picture: files of the same bytes, and files whose embeddings and whose
 * appearances are nearly the same. Look-alikes fail the second.
 * @param folder absolute path of the indexed folder
 * @throws QueryError for a threshold that cannot be; the signal's reason
 */
export async function findDuplicates(
  folder: string,
  source: IndexSource,
  { threshold = DUPLICATE_DEFAULTS.threshold, signal, onProgress = () => {} }: DuplicateOptions = {},
): Promise<DuplicatesResult> {
  if (!(threshold > 0 && threshold <= 1)) {
    throw new QueryError(`The threshold must be a score above 0 and at most 1, not ${threshold}.`);
  }
  onProgress({ step: "reading", done: 0 });
  const vectors = await loadVectors(source, WHOLE, { signal });
  const skipped: SkippedFile[] = [];
  const contents = await contentsOf(source, vectors, signal);
  const pairs = await nearPairs(contents, vectors, threshold, signal, (done) =>
    onProgress({ step: "comparing", done }),
  );
  const candidates = new Set(pairs.flat());
  for (const [i, { files }] of contents.entries()) if (files.length > 1) candidates.add(i);
  const live = await checkFiles(folder, contents, candidates, skipped, signal, (done) =>
    onProgress({ step: "checking", done }),
  );

  const scoreOf = (a: number, b: number) => combined(vectors, contents[a]!.row, contents[b]!.row);
  const same = (a: number, b: number) => {
    const [one, other] = [live.get(a)?.appearance, live.get(b)?.appearance];
    return one !== undefined && other !== undefined && isSamePicture(one, other);
  };
  const matches = (a: number, b: number) => scoreOf(a, b) >= threshold && same(a, b);
  const first = (a: number, b: number) => byWorth(contents[a]!.files[0]!, contents[b]!.files[0]!);
  const groups = groupPairs(
    pairs.filter(([a, b]) => same(a, b)),
    first,
    matches,
  );
  const grouped = new Set(groups.flat());
  const alone = [...live.keys()].filter((i) => !grouped.has(i)).map((i) => [i]);
  const described = [...groups, ...alone].map((group) => describe(group, live, scoreOf));
  return {
    images: contents.reduce((sum, { files }) => sum + files.length, 0),
    threshold,
    groups: described.filter(({ images }) => images.length > 1).sort(byLength),
    skipped: skipped.sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

/** Whether two appearances are of the same picture, perhaps in another size, format or quality. */
export function isSamePicture(a: Appearance, b: Appearance): boolean {
  return appearsWithin(a, b, DUPLICATE_DEFAULTS);
}

const WHOLE = { sample: null, under: "", seed: 1 } as const;

/** Pairs of contents whose combined score reaches the threshold, by their numbers. */
async function nearPairs(
  contents: readonly Content[],
  vectors: VectorSet,
  threshold: number,
  signal: AbortSignal | undefined,
  report: (done: number) => void,
): Promise<[number, number][]> {
  const numbers = [...contents.keys()].filter((i) => contents[i]!.row !== undefined);
  const { count, dims, matrices } = gather(
    { count: vectors.paths.length, dims: vectors.dims, matrices: vectors.matrices },
    numbers.map((i) => contents[i]!.row!),
  );
  const rows = { count, dims, matrices };
  const search = await NeighbourSearch.create(dims.length);
  let near: NeighbourTable;
  try {
    const tables = await search.nearest(rows, rows, NEIGHBOURS, (row) => row, {
      signal,
      onProgress: (done) => report(done / Math.max(1, count)),
    });
    near = tables.at(-1)!;
  } finally {
    await search.release();
  }
  const pairs: [number, number][] = [];
  for (let row = 0; row < count; row++) {
    for (let j = row * near.k; j < (row + 1) * near.k; j++) {
      if (near.scores[j]! >= threshold) pairs.push([numbers[row]!, numbers[near.indices[j]!]!]);
    }
  }
  return pairs;
}

/** Mean of the branch cosines. */
function combined({ dims, matrices }: VectorSet, a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return 0;
  const cosines = dims.map((dim, branch) => {
    const matrix = matrices[branch]!;
    let dot = 0;
    for (let i = 0; i < dim; i++) dot += matrix[a * dim + i]! * matrix[b * dim + i]!;
    return dot;
  });
  return cosines.reduce((sum, cosine) => sum + cosine, 0) / dims.length;
}

/** The one to keep first: most pixels, then most bytes, then by name. */
function byWorth(a: ImageRecord, b: ImageRecord): number {
  return b.width * b.height - a.width * a.height || b.size - a.size || (a.path < b.path ? -1 : 1);
}

function describe(
  group: readonly number[],
  live: ReadonlyMap<number, LiveContent>,
  scoreOf: (a: number, b: number) => number,
): DuplicateGroup {
  const leader = group[0]!;
  return {
    images: group.flatMap((content) =>
      live.get(content)!.files.map(
        ({ path, width, height, size }): DuplicateImage => ({
          path,
          width,
          height,
          bytes: size,
          score: content === leader ? 1 : scoreOf(leader, content),
          identical: content === leader,
        }),
      ),
    ),
  };
}

/** Larger groups first. */
function byLength(a: DuplicateGroup, b: DuplicateGroup): number {
  return b.images.length - a.images.length || (a.images[0]!.path < b.images[0]!.path ? -1 : 1);
}
