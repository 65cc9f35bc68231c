import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { branchShares, type KindsGain } from "../../shared/index.ts";
import { type Gallery, REORDERED } from "../search/index.ts";
import type { FolderInUse } from "./folderInUse.ts";
import { heldWeights } from "./heldWeights.ts";

/** Labelled images that ask: each costs as many searches as candidates are ordered anew. */
const QUERIES = 24;
/** With fewer nothing is said. */
const LEAST = 8;
/** Values that are looked through at most, in seconds: of a larger index fewer images ask. */
const MOST_VALUES = 6e10;
/** Searches of one that asks. */
const SEARCHES = REORDERED + 1;

/**
 * What keeping kinds together does to MAP@R here, under the weights in force: over images that have a label, with others of it.
 * @param labels of images by path; one with several labels tells nothing here
 * @returns null where labels are too few to tell, or the index is so large that it takes too long, or does not fit into memory
 * @throws the signal's reason
 */
export async function measureKinds(
  use: FolderInUse,
  labels: ReadonlyMap<string, readonly string[]>,
  signal?: AbortSignal,
): Promise<KindsGain | null> {
  const single = [...labels].flatMap(([path, [label, ...others]]) =>
    label === undefined || label === "" || others.length > 0 ? [] : [[path, label] as const],
  );
  const byPath = new Map(single);
  const sizes = new Map<string, number>();
  for (const [, label] of single) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const most = askersOf(await use.current.count(), use.current.embedder.dim);
  const queries = byHash([...byPath.keys()].filter((path) => sizes.get(byPath.get(path)!)! > 1)).slice(0, most);
  if (queries.length < LEAST) return null;
  const [before, gains]: [number[], number[]] = [[], []];
  for (const query of queries) {
    signal?.throwIfAborted();
    const right = sizes.get(byPath.get(query)!)! - 1;
    // A turn each: whoever searches meanwhile comes in between.
    const orders = await use.turn(() => ordersOf(use, query));
    if (orders === null) return null;
    const of = (paths: readonly string[]) =>
      averagePrecision(paths, (path) => byPath.get(path) === byPath.get(query), right);
    before.push(of(orders.plain));
    gains.push(of(orders.together) - before.at(-1)!);
    await setImmediate();
  }
  const mean = meanOf(gains);
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (gains.length - 1);
  return { before: meanOf(before), mean, error: Math.sqrt(variance / gains.length), queries: queries.length };
}

/** How many images may ask in an index. @param dim values of an embedding */
export function askersOf(images: number, dim: number): number {
  return Math.min(QUERIES, Math.floor(MOST_VALUES / (SEARCHES * Math.max(1, images * dim))));
}

/** The first of combined, as they are and with kinds together. */
async function ordersOf(
  use: FolderInUse,
  query: string,
): Promise<{ readonly plain: readonly string[]; readonly together: readonly string[] } | null> {
  const { current } = use;
  const { descriptors } = current.embedder.summary;
  const weights = (await heldWeights(use))?.weights ?? {};
  const shares = Object.values(branchShares(descriptors, weights));
  const branches = await current.stored(query);
  if (branches === undefined) return null;
  const gallery = await current.candidates(branches, REORDERED + 1, shares);
  if (!(await current.isHeld())) return null;
  const own = gallery.rowOf(query);
  const without = own === undefined ? [] : [own];
  const { top } = (await current.search.run(branches, gallery, REORDERED, { shares, without })).at(-1)!;
  const together = await current.kindsTogether(branches, gallery, top, shares);
  return { plain: pathsOf(gallery, top), together: pathsOf(gallery, together) };
}

function pathsOf(gallery: Gallery, rows: readonly number[]): string[] {
  return rows.map((row) => gallery.pathOf(row));
}

/** AP@R (Musgrave et al. 2020), over as many places as were looked at. @param right images of the label, without the query */
function averagePrecision(paths: readonly string[], isRight: (path: string) => boolean, right: number): number {
  const places = Math.min(right, paths.length);
  let [hits, sum] = [0, 0];
  for (const [i, path] of paths.slice(0, places).entries()) if (isRight(path)) sum += ++hits / (i + 1);
  return places === 0 ? 0 : sum / places;
}

function byHash(paths: readonly string[]): string[] {
  const key = new Map(paths.map((path) => [path, createHash("sha256").update(path).digest("hex")]));
  return [...paths].sort((a, b) => (key.get(a)! < key.get(b)! ? -1 : 1));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
