import { join } from "node:path";
import type { DuplicateGroup, DuplicateImage, DuplicatesResult, QueryProgress } from "../../shared/index.ts";
import { gather, loadVectors, NeighbourSearch, type NeighbourTable, type VectorSet } from "../neighbours/index.ts";
import type { IndexSource } from "../search/index.ts";
import { QueryError } from "../search/index.ts";
import { type Content, checkFiles, contentsOf, type LiveContent } from "./contents.ts";
import { groupPictures, type PictureGroups } from "./groupPictures.ts";
import { Looks, PictureComparer } from "./sameness/index.ts";
import { byWorth } from "./worth.ts";

/**
 * Lowest combined score of copies: low enough for small, coarse copies under an adapted model (docs/duplicates.md).
 * Look-alikes fail at the close look.
 */
const THRESHOLD = 0.5;

/** Neighbours that are asked for: whoever has one that is near enough is compared with all that do. */
const NEIGHBOURS = 15;

export interface DuplicateOptions {
  /** Lowest combined score, above 0 and at most 1. */
  readonly threshold?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: QueryProgress) => void) | undefined;
}

/**
 * Groups of indexed images that are the same picture: files of the same bytes, and files whose embeddings are near, which
 * look alike, and which a close look says are the same. What it cannot tell is listed apart.
 * @param folder absolute path of the indexed folder
 * @throws QueryError for a threshold that cannot be; the signal's reason
 */
export async function findDuplicates(
  folder: string,
  source: IndexSource,
  { threshold = THRESHOLD, signal, onProgress = () => {} }: DuplicateOptions = {},
): Promise<DuplicatesResult> {
  if (!(threshold > 0 && threshold <= 1)) {
    throw new QueryError(`The threshold must be a score above 0 and at most 1, not ${threshold}.`);
  }
  onProgress({ step: "reading", done: 0 });
  const vectors = await loadVectors(source, WHOLE, { signal });
  const contents = await contentsOf(source, vectors, signal);
  const candidates = await nearContents(contents, vectors, threshold, signal, (done) =>
    onProgress({ step: "comparing", done }),
  );
  for (const [i, { files }] of contents.entries()) if (files.length > 1) candidates.add(i);
  // Reading all of them is the first half of what is left, looking closely at those that look alike the second.
  const check = await checkFiles(folder, contents, candidates, signal, (done) =>
    onProgress({ step: "checking", done: done / 2 }),
  );
  const { live } = check;
  const scoreOf = (a: number, b: number) => combined(vectors, contents[a]!.row, contents[b]!.row);
  const { groups, perhaps } = await groupLive(
    folder,
    live,
    (a, b) => scoreOf(a, b) >= threshold,
    signal,
    (done) => onProgress({ step: "checking", done: (1 + done) / 2 }),
  );
  const grouped = new Set(groups.flat());
  const alone = [...live.keys()].filter((i) => !grouped.has(i)).map((i) => [i]);
  const described = [...groups, ...alone].map((group) => describe(group, live, scoreOf));
  return {
    images: contents.reduce((sum, { files }) => sum + files.length, 0),
    threshold,
    groups: described.filter(({ images }) => images.length > 1).sort(byLength),
    // Files of the same bytes as the first one are its copies for certain, and listed there.
    perhaps: perhaps
      .map((group) => describe(group, live, scoreOf))
      .map(withoutIdentical)
      .sort(byLength),
    links: check.links.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    skipped: check.skipped.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

/** Groups contents by a close look at those that look alike and are near. @returns groups of numbers of contents */
async function groupLive(
  folder: string,
  live: ReadonlyMap<number, LiveContent>,
  isNear: (a: number, b: number) => boolean,
  signal: AbortSignal | undefined,
  report: (done: number) => void,
): Promise<PictureGroups> {
  const numbers = [...live.keys()];
  const looks = new Looks(numbers.length);
  for (const [i, number] of numbers.entries()) looks.set(i, live.get(number)!.appearance);
  const valued = (i: number) => {
    const { files, worth } = live.get(numbers[i]!)!;
    return { ...files[0]!, worth };
  };
  const comparer = new PictureComparer();
  const fileOf = (i: number) => join(folder, live.get(numbers[i]!)!.files[0]!.path);
  const { groups, perhaps } = await groupPictures(
    [...numbers.keys()].sort((a, b) => byWorth(valued(a), valued(b))),
    (i) => {
      const alike = looks.alike(looks, i);
      const near = new Set(alike.filter((j) => isNear(numbers[i]!, numbers[j]!)));
      return { near, far: alike.filter((j) => !near.has(j)) };
    },
    (i, j) => {
      signal?.throwIfAborted();
      return comparer.compare(fileOf(i), fileOf(j));
    },
    (done) => {
      signal?.throwIfAborted();
      report(done / numbers.length);
    },
  );
  report(1);
  const named = (all: PictureGroups["groups"]) => all.map((group) => group.map((i) => numbers[i]!));
  return { groups: named(groups), perhaps: named(perhaps) };
}

const WHOLE = { sample: null, under: "", seed: 1 } as const;

/** Numbers of the contents whose combined score with another one reaches the threshold. */
async function nearContents(
  contents: readonly Content[],
  vectors: VectorSet,
  threshold: number,
  signal: AbortSignal | undefined,
  report: (done: number) => void,
): Promise<Set<number>> {
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
  const found = new Set<number>();
  for (let row = 0; row < count; row++) {
    for (let j = row * near.k; j < (row + 1) * near.k; j++) {
      if (near.scores[j]! < threshold) continue;
      found.add(numbers[row]!);
      found.add(numbers[near.indices[j]!]!);
    }
  }
  return found;
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

function withoutIdentical({ images: [first, ...others] }: DuplicateGroup): DuplicateGroup {
  return { images: [first!, ...others.filter(({ identical }) => !identical)] };
}

/** Larger groups first. */
function byLength(a: DuplicateGroup, b: DuplicateGroup): number {
  return b.images.length - a.images.length || (a.images[0]!.path < b.images[0]!.path ? -1 : 1);
}
