import {
  type BranchWeights,
  branchShares,
  COMBINED,
  type ComparedModel,
  cutOffFor,
  DESCRIPTOR_COLOURS,
  type DescriptorStyle,
  descriptorStyles,
  type ListOverlap,
  overlapOf,
  type RankedImage,
  type SimilarResult,
} from "../../src/shared/index.ts";
import { folderOf } from "./text.ts";
import { anyWeight, reranked, sameWeights } from "./weights.ts";

/** One ranked list. */
export interface Column {
  readonly name: string;
  readonly style: DescriptorStyle;
  readonly cards: readonly Card[];
  /** With each of the other lists, in the order of the columns. */
  readonly overlaps: readonly ColumnOverlap[];
  /** Whether it is known up to which scores its images are alike by chance. */
  readonly tellsChance: boolean;
}

export interface ColumnOverlap extends ListOverlap {
  readonly column: string;
  readonly style: DescriptorStyle;
}

export interface Card {
  readonly path: string;
  readonly fileName: string;
  /** Name of the folder that holds the file; empty at the top. In many data sets it is the label. */
  readonly folderName: string;
  readonly rank: number;
  readonly score: number;
  /** Up to this score random pairs of its folder are alike, or random words as like; null where that cannot be said. */
  readonly chance: number | null;
  /** Its rank by score, where it moved to its kind. */
  readonly from: number | null;
  /** Every list that holds this image, with its rank there, in the order of the columns. */
  readonly places: readonly Place[];
  /** The combined score split into its branches; they add up to it exactly. Only in the combined list. */
  readonly shares: readonly Share[];
}

export interface Place {
  readonly column: string;
  readonly style: DescriptorStyle;
  readonly rank: number;
}

export interface Share {
  readonly style: DescriptorStyle;
  /** Branch cosine times the share of the branch's weight. */
  readonly value: number;
}

/** Up to which scores the images of a column are alike by chance. */
interface Chances {
  readonly known: boolean;
  readonly of: (path: string) => number | null;
}

const UNKNOWN: Chances = { known: false, of: () => null };

type Lists = readonly (readonly [name: string, style: DescriptorStyle, ranked: readonly RankedImage[]])[];

/**
 * What the page draws of a result: a column per branch in the model's order, then combined.
 * @param weights where they differ from the result's, the combined list is made of the scores at hand
 */
export function columnsOf(result: SimilarResult, asked: BranchWeights = result.weights): Column[] {
  const { model, results, scores } = result;
  // One branch alone can rank words, whatever the others count.
  const weights = result.words === undefined ? asked : result.weights;
  const branches = model.descriptors;
  const styles = descriptorStyles(branches);
  // Of folders with several models the branches that all have may be none, or none that counts.
  const weighed = [weights, result.weights].every((each) => anyWeight(branches, each));
  const own = !weighed || sameWeights(branches, weights, result.weights);
  const combined = own ? results[COMBINED] : reranked(result, weights);
  const weightOf = weighed ? branchShares(branches, weights) : {};
  const lists: Lists = [...branches, COMBINED].map((name) => {
    return [name, styles.get(name)!, (name === COMBINED ? combined : results[name]) ?? []];
  });
  // Of other weights the chances are others, and come with the next answer; a list of another order has no line.
  const { words } = result;
  const chances = (name: string): Chances => {
    if (name === COMBINED && (!own || result.kinds)) return UNKNOWN;
    const cutOffs = name === COMBINED || name === words?.branch ? words?.cutOffs : undefined;
    if (cutOffs !== undefined) {
      const known = Object.values(cutOffs).some((each) => each !== null);
      return { known, of: (path) => cutOffFor(cutOffs, path)?.score ?? null };
    }
    const chance = result.chance?.[name] ?? null;
    return { known: chance !== null, of: () => chance };
  };
  return columns(lists, chances, (column, path) =>
    column === COMBINED && weighed && isWhole(scores[path], branches)
      ? branches.map((branch) => {
          return { style: styles.get(branch)!, value: (scores[path]?.[branch] ?? 0) * weightOf[branch]! };
        })
      : [],
  );
}

/** Whether the branches are all that make the combined score: folders with several models show those that all have. */
function isWhole(own: Readonly<Record<string, number>> = {}, branches: readonly string[]): boolean {
  return Object.keys(own).every((name) => name === COMBINED || branches.includes(name));
}

/** A column per compared model: its combined list. Letters count the models, since names often begin alike. */
export function comparedColumns(models: readonly ComparedModel[]): Column[] {
  const lists: Lists = models.map(({ name, ranked }, i) => {
    const letter = String.fromCharCode("A".charCodeAt(0) + i);
    return [name, { label: name, letter, colour: i % DESCRIPTOR_COLOURS }, ranked ?? []];
  });
  return columns(
    lists,
    () => UNKNOWN,
    () => [],
  );
}

function columns(
  lists: Lists,
  chances: (column: string) => Chances,
  sharesOf: (column: string, path: string) => readonly Share[],
): Column[] {
  const places = new Map<string, Place[]>();
  for (const [column, style, ranked] of lists) {
    for (const { path, rank } of ranked) {
      const list = places.get(path) ?? [];
      list.push({ column, style, rank });
      places.set(path, list);
    }
  }
  const paths = lists.map(([, , ranked]) => ranked.map(({ path }) => path));
  return lists.map(([name, style, ranked], i) => {
    const chance = chances(name);
    return {
      name,
      style,
      tellsChance: chance.known,
      cards: ranked.map(({ path, rank, score, from = null }) => ({
        path,
        fileName: path.slice(path.lastIndexOf("/") + 1),
        folderName: folderOf(path).split("/").at(-1) ?? "",
        rank,
        score,
        chance: chance.of(path),
        from,
        places: places.get(path) ?? [],
        shares: sharesOf(name, path),
      })),
      overlaps: lists.flatMap(([column, other], j) =>
        j === i || paths[i]!.length === 0 || paths[j]!.length === 0
          ? []
          : [{ column, style: other, ...overlapOf(paths[i]!, paths[j]!) }],
      ),
    };
  });
}

/** How a score stands to those of random pairs: above them, the first of a list that is not, or a further one. */
export type Standing = "above" | "first" | "below";

/** How the score of a row stands to those of random pairs. */
export function standing({ cards }: Pick<Column, "cards">, row: number): Standing {
  const isChance = (at: number) => {
    const { score, chance } = cards[at] ?? { score: 0, chance: null };
    return chance !== null && score <= chance;
  };
  if (!isChance(row)) return "above";
  return row > 0 && isChance(row - 1) ? "below" : "first";
}
