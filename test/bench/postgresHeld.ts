/** An index of a database in memory: as codes, whose rows are read from the server again, against float32, in turn. */
import type { Searchable } from "../../src/core/folder/searchable.ts";
import type { Embedder } from "../../src/core/runtime/index.ts";
import { type ExactSearch, REORDERED } from "../../src/core/search/index.ts";
import { milliseconds, type Times, times } from "./timing.ts";

const K = 50;
/** Kinds are put together by a hundred searches each. */
const EVERY = 5;

export interface HeldFigures {
  readonly codes: { readonly search: Times; readonly kinds: Times };
  readonly whole: { readonly search: Times; readonly kinds: Times };
}

/** What is searched needs no model, only its branches. */
export const syntheticEmbedder = (fingerprint: string, dims: readonly number[]): Embedder =>
  ({
    dim: dims.reduce((sum, dim) => sum + dim, 0),
    summary: { name: "synthetic", fingerprint, descriptors: dims.map((_, b) => `branch_${b}`) },
    manifest: { descriptors: dims.map((dim, b) => ({ name: `branch_${b}`, dim })) },
  }) as unknown as Embedder;

/** @throws where both do not find the same */
export async function heldFigures(
  codes: Searchable,
  whole: Searchable,
  search: ExactSearch,
  queries: readonly (readonly Float32Array[])[],
): Promise<HeldFigures> {
  const took = {
    codes: { search: [] as number[], kinds: [] as number[] },
    whole: { search: [] as number[], kinds: [] as number[] },
  };
  for (const [i, branches] of queries.entries()) {
    const shares = branches.map(() => 1 / branches.length);
    const found: string[] = [];
    for (const [name, of] of [
      ["codes", codes],
      ["whole", whole],
    ] as const) {
      let lists: string[][] = [];
      const ask = async (k: number) => {
        const gallery = await of.candidates(branches, k, shares);
        return { gallery, result: await search.run(branches, gallery, k, { shares }) };
      };
      const seconds = await milliseconds(async () => {
        const { gallery, result } = await ask(K);
        lists = result.map(({ top }) => top.map((row) => gallery.pathOf(row)));
      });
      // The first one loads.
      if (i > 0) took[name].search.push(seconds);
      if (i > 0 && i % EVERY === 0) {
        const { gallery, result } = await ask(REORDERED);
        const { top } = result.at(-1)!;
        took[name].kinds.push(
          await milliseconds(async () => {
            const kinds = await of.kindsTogether(branches, gallery, top, shares);
            lists.push(kinds.map((row) => gallery.pathOf(row)));
          }),
        );
      }
      found.push(JSON.stringify(lists));
    }
    if (found[0] !== found[1]) throw new Error(`Query ${i}: over codes the lists are others.`);
  }
  const figures = ({ search: searches, kinds }: typeof took.codes) => ({
    search: times(searches),
    kinds: times(kinds),
  });
  return { codes: figures(took.codes), whole: figures(took.whole) };
}
