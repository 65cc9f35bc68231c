import type { FolderInUse } from "./folderInUse.ts";

/** Queries that are asked, and how long their lists are. */
const QUERIES = 20;
const K = 20;

export interface SearchMeasure {
  /** Of a search for an indexed image, median; milliseconds. null where nothing is indexed. */
  readonly latency: number | null;
  /** Share of the exact combined lists that is found; 1 where the search is exact, null where nothing is indexed. */
  readonly recall: number | null;
}

/** Searches for some of the indexed images, spread over the index, as it would be searched for a user, and exactly. */
export async function measureSearch(use: FolderInUse): Promise<SearchMeasure> {
  const images = await use.current.store.images();
  const step = Math.max(1, Math.floor(images.length / QUERIES));
  const paths = images.filter((_, i) => i % step === 0).slice(0, QUERIES);
  const times: number[] = [];
  let found = 0;
  let wanted = 0;
  for (const { path } of paths) {
    await use.turn(async () => {
      const { current } = use;
      const branches = await current.stored(path);
      if (branches === undefined) return;
      const shares = branches.map(() => 1 / branches.length);
      const best = async (accepts?: () => boolean) => {
        const gallery = await current.candidates(branches, K, shares, undefined, accepts);
        const { top } = (await current.search.run(branches, gallery, K, { shares })).at(-1)!;
        return top.map((row) => gallery.pathOf(row));
      };
      const start = performance.now();
      const list = new Set(await best());
      times.push(performance.now() - start);
      // What is filtered is scanned.
      const exact = await best(() => true);
      wanted += exact.length;
      found += exact.filter((each) => list.has(each)).length;
    });
  }
  if (wanted === 0) return { latency: null, recall: null };
  times.sort((a, b) => a - b);
  return { latency: times[times.length >> 1]!, recall: found / wanted };
}
