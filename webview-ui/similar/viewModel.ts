import {
  COMBINED,
  type ComparedModel,
  DESCRIPTOR_COLOURS,
  type DescriptorStyle,
  descriptorStyles,
  type RankedImage,
  type SimilarResult,
} from "../../src/shared/index.ts";

/** One ranked list. */
export interface Column {
  readonly name: string;
  readonly style: DescriptorStyle;
  readonly cards: readonly Card[];
}

export interface Card {
  readonly path: string;
  readonly fileName: string;
  /** Name of the folder that holds the file; empty at the top. In many data sets it is the label. */
  readonly folderName: string;
  readonly rank: number;
  readonly score: number;
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
  /** Branch cosine / number of branches. */
  readonly value: number;
}

/** What the page draws of a result: a column per branch in the model's order, then combined. */
export function columnsOf({ model, results, scores }: SimilarResult): Column[] {
  const styles = descriptorStyles(model.descriptors);
  const names = [...model.descriptors, COMBINED];
  const places = new Map<string, Place[]>();
  for (const column of names) {
    for (const { path, rank } of results[column] ?? []) {
      const list = places.get(path) ?? [];
      list.push({ column, style: styles.get(column)!, rank });
      places.set(path, list);
    }
  }
  return names.map((name) => ({
    name,
    style: styles.get(name)!,
    cards: (results[name] ?? []).map((image) => ({
      ...card(image, places),
      shares:
        name === COMBINED
          ? model.descriptors.map((branch) => ({
              style: styles.get(branch)!,
              value: (scores[image.path]?.[branch] ?? 0) / model.descriptors.length,
            }))
          : [],
    })),
  }));
}

/** A column per compared model: its combined list. Letters count the models, since names often begin alike. */
export function comparedColumns(models: readonly ComparedModel[]): Column[] {
  const styles = models.map(({ name }, i): DescriptorStyle => {
    return { label: name, letter: String.fromCharCode("A".charCodeAt(0) + i), colour: i % DESCRIPTOR_COLOURS };
  });
  const places = new Map<string, Place[]>();
  for (const [i, { name, ranked }] of models.entries()) {
    for (const { path, rank } of ranked ?? []) {
      const list = places.get(path) ?? [];
      list.push({ column: name, style: styles[i]!, rank });
      places.set(path, list);
    }
  }
  return models.map(({ name, ranked }, i) => ({
    name,
    style: styles[i]!,
    cards: (ranked ?? []).map((image) => ({ ...card(image, places), shares: [] })),
  }));
}

function card({ path, rank, score }: RankedImage, places: ReadonlyMap<string, readonly Place[]>): Omit<Card, "shares"> {
  const [fileName = "", folderName = ""] = path.split("/").reverse();
  return { path, fileName, folderName, rank, score, places: places.get(path) ?? [] };
}

/** Splits a file name for eliding in its middle: the end, with the number that often tells files apart, stays visible. */
export function splitName(name: string): readonly [start: string, end: string] {
  const keep = Math.min(10, Math.floor(name.length / 2));
  return [name.slice(0, name.length - keep), name.slice(name.length - keep)];
}

/** A cell of the lists: column and rank, from 0. */
export interface Position {
  readonly column: number;
  readonly row: number;
}

/** Rows that PageUp and PageDown move by. */
const PAGE = 5;

/**
 * Where a key moves the focus.
 * @param lengths number of cards of each column
 * @returns undefined for a key that moves nothing
 */
export function move(key: string, { column, row }: Position, lengths: readonly number[]): Position | undefined {
  const to = (c: number, r: number): Position | undefined => {
    const length = lengths[c] ?? 0;
    return length === 0 ? undefined : { column: c, row: Math.max(0, Math.min(length - 1, r)) };
  };
  switch (key) {
    case "ArrowDown":
      return to(column, row + 1);
    case "ArrowUp":
      return to(column, row - 1);
    case "ArrowRight":
      return to(Math.min(column + 1, lengths.length - 1), row);
    case "ArrowLeft":
      return to(Math.max(column - 1, 0), row);
    case "Home":
      return to(column, 0);
    case "End":
      return to(column, Number.MAX_SAFE_INTEGER);
    case "PageDown":
      return to(column, row + PAGE);
    case "PageUp":
      return to(column, row - PAGE);
    default:
      return undefined;
  }
}

/** Time that is left, in the words of a person. */
export function timeLeft(seconds: number): { readonly text: "{0} s left" | "{0} min left"; readonly value: number } {
  return seconds < 90
    ? { text: "{0} s left", value: Math.max(1, Math.ceil(seconds)) }
    : { text: "{0} min left", value: Math.round(seconds / 60) };
}
